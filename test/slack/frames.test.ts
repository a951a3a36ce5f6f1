import { describe, expect, it } from 'vitest';
import { createFrames } from '../../src/slack/progress/frames.ts';

describe('frames of a message', () => {
  it('are sent one at a time, newest first, and the last one arrives though the first is still on its way', async () => {
    const sent: number[] = [];
    const gate = Promise.withResolvers<void>();
    const frames = createFrames<number>(
      async (frame) => {
        sent.push(frame);
        if (frame === 1) await gate.promise;
      },
      { distanceMs: 60_000, lastTries: 1, onError: () => 0 },
    );
    for (const frame of [1, 2, 3, 4]) frames.show(frame);
    const ended = frames.end(5);
    frames.show(6);
    expect(sent).toEqual([1]);
    gate.resolve();
    await ended;
    expect(sent).toEqual([1, 5]);
  });

  it('keep their distance', async () => {
    const at: number[] = [];
    const frames = createFrames<number>(async () => void at.push(performance.now()), {
      distanceMs: 40,
      lastTries: 1,
      onError: () => 0,
    });
    const started = Promise.withResolvers<void>();
    frames.show(1);
    const timer = setInterval(() => {
      frames.show(2);
      if (at.length >= 3) started.resolve();
    }, 5);
    await started.promise;
    clearInterval(timer);
    await frames.end(3);
    // Timers may fire a millisecond early.
    expect(Math.min((at[1] as number) - (at[0] as number), (at[2] as number) - (at[1] as number))).toBeGreaterThan(38);
  });

  it('that fail are dropped, except the last, which is tried again', async () => {
    const tried: string[] = [];
    const errors: unknown[] = [];
    let failures = 3;
    const frames = createFrames<string>(
      async (frame) => {
        tried.push(frame);
        if (failures-- > 0) throw new Error('ratelimited');
      },
      { distanceMs: 0, lastTries: 3, onError: (error) => errors.push(error) * 0 },
    );
    frames.show('first');
    await frames.end('last');
    expect(tried).toEqual(['first', 'last', 'last', 'last']);
    expect(errors).toHaveLength(3);
  });
});
