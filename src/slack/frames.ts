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
  readonly onError: (error: unknown) => void;
}

export function createFrames<Frame>(send: (frame: Frame) => Promise<unknown>, options: FramesOptions): Frames<Frame> {
  let waiting: Frame | undefined;
  let ended = false;
  let work: Promise<void> | undefined;
  let rest: PromiseWithResolvers<void> | undefined;

  async function run(): Promise<void> {
    while (waiting !== undefined && !ended) {
      const frame = waiting;
      waiting = undefined;
      await send(frame).catch(options.onError);
      rest = Promise.withResolvers<void>();
      const timer = setTimeout(rest.resolve, options.distanceMs);
      await rest.promise;
      clearTimeout(timer);
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
        try {
          await send(frame);
          return;
        } catch (error) {
          options.onError(error);
        }
      }
    },
  };
}
