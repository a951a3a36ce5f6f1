/** Limits of the judgements about the server as a whole: its life, its memory, its disk and its settings. */
export const serverThresholds = {
  recentRestartHours: {
    value: 24,
    unit: 'h',
    meaning: 'a restart or crash this recent is reported, however short the window of the question',
    source: 'a day covers "did it restart overnight"; who asks for more hours gets them',
  },
  crashCriticalSeconds: {
    value: 900,
    unit: 's',
    meaning: 'after a crash, an uptime below this is critical',
    source: 'what crashed once on a statement or a page usually crashes again within minutes, while caches are cold',
  },
  crashLoopCount: {
    value: 3,
    unit: 'crashes',
    meaning: 'this many crashes within the look-back are critical however long ago the last one was',
    source: 'our judgement: three crashes in a day are a loop, not an accident',
  },
} as const;
