import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row } from '../report/evidence.ts';
import { isBesideServer, serverPath } from '../targets/locality.ts';
import type { Probe } from './probe.ts';

/** Memory of the server's machine and of the server's process. */
export interface HostMemory {
  /** What the server may use: the machine's memory, or the limit of the server's control group where that is less. */
  readonly totalBytes: number;
  /** What the kernel could still give without swapping; of the whole machine. */
  readonly availableBytes: number;
  /** Resident memory of the server process; undefined where its process cannot be found. */
  readonly residentBytes: number | undefined;
}

/** Reads /proc; only where dbcheck runs beside the server and the system has it (Linux). */
export const hostMemory: Probe<void, HostMemory> = {
  name: 'host-memory',
  needs: [],
  blocked: (facts, target) =>
    isBesideServer(target, facts)
      ? undefined
      : {
          code: 'coverage.host_unseen',
          summary: `the memory of the host of ${target.name} cannot be seen from here`,
          fix: 'run dbcheck on the host of the server',
        },
  async collect({ facts, target }) {
    const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '');
    const totalBytes = kibibytes(meminfo, 'MemTotal');
    const availableBytes = kibibytes(meminfo, 'MemAvailable');
    if (totalBytes === undefined || availableBytes === undefined) {
      return {
        code: 'coverage.host_unseen',
        summary: `the memory of the host of ${target.name} cannot be read`,
        fix: 'none on this system: it has no /proc/meminfo',
      };
    }
    const pid = await processId(serverPath(facts, 'pid_file'));
    const status = pid === undefined ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const limit = pid === undefined ? undefined : await memoryLimit(pid);
    const data: HostMemory = {
      totalBytes: Math.min(totalBytes, limit ?? totalBytes),
      availableBytes,
      residentBytes: kibibytes(status, 'VmRSS'),
    };
    const row: Row = { ...data, residentBytes: data.residentBytes ?? null, controlGroupLimitBytes: limit ?? null };
    return { data, rows: [row], sql: `read /proc/meminfo${pid === undefined ? '' : `, /proc/${pid}/status`}` };
  },
};

function kibibytes(text: string, name: string): number | undefined {
  const [, value] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text) ?? [];
  return value === undefined ? undefined : Number(value) * 1_024;
}

async function processId(pidFile: string | undefined): Promise<number | undefined> {
  if (pidFile === undefined) return undefined;
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** The smallest memory.max on the way from the process's control group (version 2) up to the root. */
async function memoryLimit(pid: number): Promise<number | undefined> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  const [, path] = /^0::(\/.*)$/m.exec(groups) ?? [];
  if (path === undefined) return undefined;
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  let smallest: number | undefined;
  for (let depth = parts.length; depth > 0; depth--) {
    const file = join('/sys/fs/cgroup', ...parts.slice(0, depth), 'memory.max');
    const text = (await readFile(file, 'utf8').catch(() => '')).trim();
    if (/^\d+$/.test(text)) smallest = Math.min(smallest ?? Number.POSITIVE_INFINITY, Number(text));
  }
  return smallest;
}
