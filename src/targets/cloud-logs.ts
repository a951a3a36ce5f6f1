import { z } from 'zod';
import type { CloudLogAccess } from '../config.ts';
import { DbcheckError } from '../errors.ts';
import { unzip } from './zip.ts';

export type CloudLogKind = 'error-log' | 'slow-query-log';

export interface CloudLog {
  /** Content of the log files of the window, oldest first. */
  readonly files: readonly { readonly name: string; readonly content: Buffer }[];
  /** True where the oldest files were left out because of their size. */
  readonly truncated: boolean;
  /** What was asked, for the evidence; without the key. */
  readonly asked: string;
}

/** The log archive of one service. */
export interface CloudLogs {
  /** Rejects with DbcheckError `cloud_logs` whose message says what to do. */
  read(
    kind: CloudLogKind,
    window: { readonly fromMs: number; readonly toMs: number },
    signal: AbortSignal | undefined,
  ): Promise<CloudLog>;
}

/** Unpacked bytes that are taken at most; an hour of a usual slow log is far below it. */
const maxBytes = 64 * 1024 * 1024;
const timeoutMs = 15_000;
const pageSize = 100;
const maxPages = 20;
/** The archive is asked for so many files at once, because their ids stand in the address. */
const filesPerArchive = 50;

const listing = z.object({
  logs: z
    .array(
      z.object({
        id: z.coerce.string(),
        logType: z.string().optional(),
        serverDataSourceId: z.string().default(''),
        size: z.coerce.number().default(0),
        startTime: z.string().optional(),
        name: z.string().default(''),
      }),
    )
    .nullish()
    .transform((logs) => logs ?? []),
});

/** Asks the log API of MariaDB Cloud: a list of files by time, then one archive with the files of this service. */
export function createCloudLogs({ apiKey, apiUrl }: CloudLogAccess, serviceId: string): CloudLogs {
  const root = `${apiUrl}/observability/v2/logs`;

  async function get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal | undefined) {
    const address = `${root}${path}?${new URLSearchParams(query)}`;
    const deadline = AbortSignal.timeout(timeoutMs);
    const response = await fetch(address, {
      headers: { 'X-API-Key': apiKey },
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      redirect: 'error',
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw cause;
      throw failure(deadline.aborted ? `did not answer in ${timeoutMs / 1_000} s` : 'cannot be reached', cause);
    });
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status === 401 || response.status === 403)
      throw failure(`refuses the key (${response.status}); SKYSQL_API_KEY needs the scope "Observability API: Read"`);
    throw failure(`answered ${response.status}`);
  }

  async function listFiles(kind: CloudLogKind, fromMs: number, toMs: number, signal: AbortSignal | undefined) {
    const window = { logType: kind, fromDate: isoSeconds(fromMs), toDate: isoSeconds(toMs + 999) };
    const files: z.output<typeof listing>['logs'] = [];
    for (let page = 0; page < maxPages; page++) {
      const query = { ...window, limit: String(pageSize), offset: String(page * pageSize) };
      const answer = listing.safeParse(await (await get('', query, signal)).json().catch(() => undefined));
      if (!answer.success) throw failure('answered in a form that is not known here');
      files.push(...answer.data.logs);
      if (answer.data.logs.length < pageSize) break;
    }
    return files
      .filter(({ serverDataSourceId }) => serverDataSourceId.split('/')[0] === serviceId)
      .filter(({ logType }) => logType === undefined || logType === kind)
      .toSorted((a, b) => `${a.startTime ?? ''}${a.name}`.localeCompare(`${b.startTime ?? ''}${b.name}`));
  }

  return {
    async read(kind, { fromMs, toMs }, signal) {
      const found = await listFiles(kind, fromMs, toMs, signal);
      const wanted = newestWithin(found, maxBytes);
      const files: CloudLog['files'][number][] = [];
      let left = maxBytes;
      for (let at = 0; at < wanted.length; at += filesPerArchive) {
        const ids = wanted.slice(at, at + filesPerArchive).map(({ id }) => id);
        const query = { logIds: ids.join(','), logFormat: 'raw', logType: kind };
        const response = await get('/archive', query, signal);
        const unpacked = unpackAll(Buffer.from(await response.arrayBuffer()), left);
        left -= unpacked.reduce((sum, { content }) => sum + content.length, 0);
        files.push(...unpacked);
      }
      const place = ({ name }: { readonly name: string }) =>
        wanted.findIndex((file) => file.name !== '' && name.endsWith(file.name));
      files.sort((a, b) => place(a) - place(b));
      const asked = `GET ${root}?logType=${kind} and its archive: ${files.length} files of service ${serviceId}`;
      return { files, truncated: wanted.length < found.length, asked };
    },
  };
}

function unpackAll(archive: Buffer, room: number) {
  try {
    return unzip(archive, room);
  } catch (cause) {
    throw failure('sent an archive that cannot be read', cause);
  }
}

function newestWithin<File extends { readonly size: number }>(files: readonly File[], bytes: number): File[] {
  let sum = 0;
  const kept = files.toReversed().filter(({ size }) => {
    sum += size;
    return sum <= bytes;
  });
  return kept.toReversed();
}

const envelope = /^\d{4}-\d\d-\d\dT[\d:.]+Z (?:stdout|stderr) [FP] /;

/** The lines of error logs as the server wrote them: without the envelope of a container's log or of JSON. */
export function errorLogLines({ files }: CloudLog): string[] {
  return files.flatMap(({ content }) => content.toString('utf8').split(/\r?\n/).filter(Boolean).map(timedLine));
}

/** A line without a time of its own keeps that of its envelope. */
function timedLine(line: string): string {
  const text = line.startsWith('{') ? logOf(line) : line;
  const bare = text.replace(envelope, '');
  return /^\d{2,4}-?\d\d-?\d\d[T ]/.test(bare) ? bare : text.replace(/ (?:stdout|stderr) [FP] /, ' ');
}

/** The bytes of a slow log as the server wrote them. */
export function slowLogBytes(content: Buffer): Buffer {
  const start = content.toString('latin1', 0, 80);
  if (!start.startsWith('{') && !envelope.test(start)) return content;
  const lines = content.toString('utf8').split(/\r?\n/);
  return Buffer.from(lines.map((line) => (line.startsWith('{') ? logOf(line) : line).replace(envelope, '')).join('\n'));
}

function logOf(line: string): string {
  try {
    const { log } = z.object({ log: z.string() }).parse(JSON.parse(line));
    return log.trimEnd();
  } catch {
    return line;
  }
}

function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function failure(what: string, cause?: unknown): DbcheckError {
  return new DbcheckError('cloud_logs', `the log API of MariaDB Cloud ${what}`, cause === undefined ? {} : { cause });
}
