import { open } from 'node:fs/promises';
import type { ProbeSource } from '../probes/probe.ts';
import { asPattern, slowLogPath } from '../probes/slow-log-file.ts';
import type { SlowPattern } from '../probes/slow-pattern.ts';
import { createDigest } from '../slow-log/digest.ts';
import type { Growth } from './digest-growth.ts';
import { type PatternGrowth, patternKey } from './sample.ts';

/** Of more than this between two looks, the end is read: it is a minute's worth. */
const maxBytes = 64 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** Follows the slow log file and says what was added between two looks. It costs the server nothing. */
export function createSlowLogMeter() {
  let readUpTo: number | undefined;

  /** Undefined at the first look, and where the file cannot be read. */
  async function look(source: ProbeSource): Promise<Growth | undefined> {
    const path = slowLogPath(source.target, source.facts);
    if (path === undefined) return undefined;
    const file = await open(path).catch(() => undefined);
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      const from = readUpTo;
      readUpTo = size;
      if (from === undefined) return undefined;
      // Smaller than before: it was rotated, and what is there is new.
      const begin = Math.max(size < from ? 0 : from, size - maxBytes);
      const digest = createDigest();
      const buffer = Buffer.alloc(chunkBytes);
      for (let at = begin; at < size; ) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(chunkBytes, size - at), at);
        if (bytesRead === 0) break;
        digest.write(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
      return growthOf(digest.end().classes.map(asPattern), source.now());
    } finally {
      await file.close();
    }
  }

  return { look };
}

/** Patterns of a log as growth; statements of dbcheck itself are left out. */
export function growthOf(patterns: readonly SlowPattern[], nowMs: number): Growth {
  const ours = patterns.filter(({ sample }) => !sample?.startsWith('/* dbcheck'));
  return {
    patterns: ours.map(
      (one): PatternGrowth => [
        patternKey(one.id),
        one.count,
        Math.round(one.totalSeconds * 1e6),
        Math.round(one.lockSeconds * 1e6),
        one.rowsExamined,
        one.rowsSent,
      ],
    ),
    met: ours.map(({ id, fingerprint, schema }) => ({
      key: patternKey(id),
      record: { id, fingerprint: fingerprint.slice(0, 2_000), schema, firstSeenMs: nowMs },
    })),
  };
}
