/** Sends the newest frame of something that changes, never two at once, at a distance; the last one is never lost. */
export interface Frames<Frame> {
  show(frame: Frame): void;
  /** Shows a last frame and resolves when it has arrived, or when it cannot. Later frames are ignored. */
  end(frame: Frame): Promise<void>;
}

export interface FramesOptions {
  readonly distanceMs: number;
  /** Attempts for the last frame. */
  readonly lastTries: number;
  /** Told of every frame that failed; returns how long to leave Slack alone, in ms. */
  readonly onError: (error: unknown) => number;
}

export function createFrames<Frame>(send: (frame: Frame) => Promise<unknown>, options: FramesOptions): Frames<Frame> {
  let waiting: Frame | undefined;
  let ended = false;
  let work: Promise<void> | undefined;
  let rest: PromiseWithResolvers<void> | undefined;
  let notBefore = 0;

  function pause(ms: number): Promise<void> {
    rest = Promise.withResolvers<void>();
    const timer = setTimeout(rest.resolve, ms);
    return rest.promise.finally(() => clearTimeout(timer));
  }

  async function run(): Promise<void> {
    while (waiting !== undefined && !ended) {
      const frame = waiting;
      waiting = undefined;
      const waitMs = await send(frame).then(() => 0, options.onError);
      if (waitMs > 0) notBefore = performance.now() + waitMs;
      if (!ended) await pause(Math.max(options.distanceMs, waitMs));
    }
    work = undefined;
  }

  return {
    show(frame) {
      if (ended) return;
      waiting = frame;
      work ??= run();
    },
    async end(frame) {
      ended = true;
      rest?.resolve();
      await work;
      for (let attempt = 1; attempt <= options.lastTries; attempt++) {
        const waitMs = notBefore - performance.now();
        if (waitMs > 0) await pause(waitMs);
        try {
          await send(frame);
          return;
        } catch (error) {
          notBefore = performance.now() + options.onError(error);
        }
      }
    },
  };
}
