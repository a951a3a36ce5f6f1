import { Digester, type DigestOptions } from './digester.ts';
import { type SlowLogDigest, summarize } from './summary.ts';

/** A digest of one slow log, or of a part of one, while its bytes come in. */
export interface Digest {
  /** Takes the next bytes; pieces of any size. What comes before the first event is skipped. */
  write(chunk: Uint8Array): void;
  /** Ends the log and returns what was found. */
  end(): SlowLogDigest;
}

/** Starts a digest, for example of the end of a slow log that some other part has opened. */
export function createDigest(options: DigestOptions = {}): Digest {
  const digester = new Digester(options);
  digester.beginLog();
  return {
    write: (chunk) => digester.write(chunk),
    end: () => summarize(digester, [{ name: 'the log', ...digester.endLog() }]),
  };
}
