import { describe, expect, it } from 'vitest';
import { createThreadQueue } from '../../src/slack/turns/thread-queue.ts';

describe('the queue of turns', () => {
  it('runs one turn at a time in a thread, in order, and threads side by side', async () => {
    const queue = createThreadQueue(10);
    const log: string[] = [];
    const otherStarted = Promise.withResolvers<void>();
    const first = queue.add('a', async () => {
      log.push('a1 starts');
      // Ends only when another thread has started: side by side, or this test hangs.
      await otherStarted.promise;
      log.push('a1 ends');
    });
    const second = queue.add('a', async () => void log.push('a2'));
    queue.add('b', async () => {
      log.push('b1');
      otherStarted.resolve();
    });
    await queue.idle();
    expect(log).toEqual(['a1 starts', 'b1', 'a1 ends', 'a2']);
    expect([first.waits, second.waits]).toEqual([undefined, 'thread']);
  });

  it('runs no more turns at once than it was told, and a turn that fails holds up nobody', async () => {
    const queue = createThreadQueue(2);
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const work = async () => {
      running++;
      most = Math.max(most, running);
      if (most === 2) gate.resolve();
      await gate.promise;
      running--;
      throw new Error('failed');
    };
    const all = ['a', 'b', 'c', 'd'].map((thread) => queue.add(thread, work).done);
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(most).toBe(2);
    await queue.idle();
  });
});
