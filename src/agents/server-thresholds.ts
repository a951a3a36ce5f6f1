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
  deadlocksInWindow: {
    value: 2,
    unit: 'deadlocks',
    meaning: 'deadlocks within the sampling window that are a warning',
    source: 'one may be chance; two within seconds are a pattern of the application',
  },
  deadlocksPerHour: {
    value: 60,
    unit: 'per hour',
    meaning: 'average rate of deadlocks since start, or of those in the error log, that is a warning while they go on',
    source: 'one a minute is more than retries of an occasional collision',
  },
  deadlocksForRate: {
    value: 5,
    unit: 'deadlocks',
    meaning: 'fewer than this make no rate',
    source: 'a young server with one deadlock would else show a high rate',
  },
  semaphoreRecentSeconds: {
    value: 300,
    unit: 's',
    meaning: 'a long wait inside InnoDB that was logged this recently is taken as going on',
    source: 'InnoDB repeats the message at least every 240 s while the wait lasts',
  },
} as const;
