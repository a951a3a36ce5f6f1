import type { Session } from '../probes/processlist.ts';
import { splitTable } from '../sql/quote.ts';
import { mustWait } from './metadata-lock-waits.ts';
import { isDdl, isIdle, type SessionView, subjectOf, transactionOf } from './sessions.ts';
import { tablesIn } from './statement-tables.ts';
import type { Wait, WaitKind } from './wait-graph.ts';

/** More sleepers than this cannot be told apart: naming one would end the wrong session. */
const mostSleepers = 3;
/** Ages of transactions are cut to whole seconds. */
const toleranceSeconds = 1;

interface Waiting {
  readonly session: Session;
  readonly kind: WaitKind;
  readonly tables: readonly string[];
  /** It wants the table or the server for itself, so that later statements queue behind it. */
  readonly isExclusive: boolean;
}

interface Found {
  readonly blocker: string;
  readonly confidence: Wait['confidence'];
  readonly suspects?: readonly string[];
  readonly object?: string | undefined;
}

/** What a session waits for by its state, or undefined where it does not wait for a lock of the server. */
function waitKindOf({ state }: Pick<Session, 'state'>): WaitKind | undefined {
  if (/^User lock/i.test(state ?? '')) return 'user';
  const [, what] = /^Waiting for (.*(?:lock|flush))$/i.exec(state ?? '') ?? [];
  if (what === undefined) return undefined;
  if (/table level/i.test(what)) return 'table';
  if (/flush/i.test(what)) return 'flush';
  if (/backup|global|commit/i.test(what)) return 'global';
  return /metadata/i.test(what) ? 'metadata' : undefined;
}

/** The name in `GET_LOCK('nightly', 60)` that a session waits for, where its statement spells it out. */
export function userLockName({ state, info }: Pick<Session, 'state' | 'info'>): string | undefined {
  if (waitKindOf({ state }) !== 'user') return undefined;
  const [, single, double] =
    /\bGET_LOCK\s*\(\s*(?:'((?:[^'\\]|\\.|'')*)'|"((?:[^"\\]|\\.|"")*)")/is.exec(info ?? '') ?? [];
  return (single ?? double)?.replaceAll(/\\(.)|(['"])\2/gs, '$1$2');
}

/**
 * Who blocks those whose blocker no instrument shows, told from the processlist, the open transactions and the tables
 * that statements name. A later statement queues behind a waiting definition; the first of the queue waits for the
 * oldest statement or transaction that can use the table, never for one that waits itself.
 */
export function inferWaits(view: SessionView, known: readonly Wait[]): Wait[] {
  const explained = new Set(known.filter(({ kind }) => kind !== 'row').map(({ waiter }) => waiter));
  const waiting = view.sessions
    .flatMap((session): Waiting[] => {
      const kind = waitKindOf(session);
      return kind
        ? [{ session, kind, tables: tablesIn(session.info, session.db), isExclusive: isExclusive(session, kind) }]
        : [];
    })
    .toSorted((a, b) => b.session.seconds - a.session.seconds);
  return waiting
    .filter(({ session }) => !explained.has(subjectOf(session.id)))
    .map((waiter) => {
      const found = queueHead(waiter, waiting) ?? holder(view, waiter);
      return {
        waiter: subjectOf(waiter.session.id),
        kind: waiter.kind,
        object: waiter.kind === 'user' || waiter.kind === 'global' ? undefined : waiter.tables[0],
        waitedSeconds: waiter.session.seconds,
        ...found,
      };
    });
}

function isExclusive({ info }: Session, kind: WaitKind): boolean {
  if (kind === 'table') return !/^\W*(select|with)\b/i.test(info ?? '');
  return isDdl(info) || /^\W*(lock|flush|backup)\b/i.test(info ?? '');
}

/** A definition, FLUSH or LOCK TABLES, or for a table level lock any write, that has waited longer for the same table. */
function queueHead(waiter: Waiting, waiting: readonly Waiting[]): Found | undefined {
  if (waiter.kind === 'user') return undefined;
  for (const other of waiting) {
    if (other === waiter || other.session.seconds < waiter.session.seconds) return undefined;
    const object = sharedTable(waiter.tables, other.tables);
    if (other.kind !== waiter.kind || !other.isExclusive || (object === undefined && waiter.kind !== 'global'))
      continue;
    return { blocker: subjectOf(other.session.id), confidence: 'likely', object };
  }
  return undefined;
}

function holder(view: SessionView, waiter: Waiting): Found {
  const { session, kind, tables, isExclusive: wantsAll } = waiter;
  const able = view.sessions.filter((other) => other.id !== session.id && waitKindOf(other) === undefined);
  const granted = grantedHolder(view, able, waiter);
  if (granted) return granted;
  const [user, ...users] = runningUsers(able, waiter);
  if (user) {
    return {
      blocker: subjectOf(user.running.id),
      confidence: kind === 'table' ? 'certain' : 'likely',
      object: user.object,
      ...suspects(users.map(({ running }) => running)),
    };
  }
  if (kind === 'metadata' && wantsAll) {
    const [oldest, ...younger] = openTransactions(view, able, waiter);
    if (oldest)
      return {
        blocker: subjectOf(oldest.id),
        confidence: younger.length === 0 ? 'likely' : 'possible',
        ...suspects(younger),
      };
  }
  // LOCK TABLES, FLUSH TABLES WITH READ LOCK, BACKUP STAGE and GET_LOCK are held by sessions that sleep.
  const sleepers = able
    .filter((other) => isIdle(other) && other.seconds + toleranceSeconds >= session.seconds)
    .toSorted((a, b) => a.seconds - b.seconds);
  const [last, ...others] = sleepers;
  if (last && sleepers.length <= mostSleepers && kind !== 'table' && kind !== 'flush')
    return {
      blocker: subjectOf(last.id),
      confidence: others.length === 0 ? 'likely' : 'possible',
      ...suspects(others),
    };
  return { blocker: `${unknownHolder} of ${tables[0] ?? `a ${kind} lock`}`, confidence: 'possible' };
}

/** Stands in the graph for a holder that cannot be named. */
export const unknownHolder = 'unknown holder';

function suspects(sessions: readonly Session[]): { readonly suspects?: readonly string[] } {
  return sessions.length > 0 ? { suspects: sessions.map(({ id }) => subjectOf(id)) } : {};
}

/** The holder by what is known of granted locks alone: of the plugin METADATA_LOCK_INFO, or of IS_USED_LOCK. */
function grantedHolder(view: SessionView, able: readonly Session[], waiter: Waiting): Found | undefined {
  const name = userLockName(waiter.session);
  const wanted = new Set(waiter.tables.map((table) => table.toLowerCase()));
  const holds = new Map(
    (view.metadataLocks ?? [])
      .filter(({ lock_status, kind, object, lock_type }) => {
        if (lock_status !== 'GRANTED') return false;
        if (waiter.kind === 'user') return kind === 'USER LEVEL LOCK' && object === name;
        if (waiter.kind === 'global')
          return kind === 'BACKUP' && mustWait(waiter.isExclusive ? backup : statement, lock_type);
        return (
          waiter.kind === 'metadata' &&
          kind === 'TABLE' &&
          wanted.has(object.toLowerCase()) &&
          mustWait(requestOf(waiter), lock_type)
        );
      })
      .map(({ thread, object }) => [thread, object]),
  );
  const [oldest] = able.filter(({ id }) => holds.has(id)).toSorted((a, b) => b.seconds - a.seconds);
  return oldest && { blocker: subjectOf(oldest.id), confidence: 'certain', object: holds.get(oldest.id) || undefined };
}

/** What a statement asks of its tables, by its kind. */
function requestOf({ session, isExclusive: wantsAll }: Waiting): string {
  if (wantsAll) return 'EXCLUSIVE';
  return /^\W*(select|with)\b/i.test(session.info ?? '') ? 'SHARED_READ' : 'SHARED_WRITE';
}

/** What a statement and a backup ask of the backup lock. */
const statement = 'BACKUP_DML';
const backup = 'BACKUP_FTWRL1';

/** Statements that began before the wait and name one of its tables, the longest first. */
function runningUsers(able: readonly Session[], { session, kind, tables }: Waiting) {
  return able
    .filter((other) => !isIdle(other) && other.seconds >= session.seconds)
    .flatMap((running): { readonly running: Session; readonly object: string | undefined }[] => {
      if (kind === 'global')
        return /^\W*(flush|backup)\b/i.test(running.info ?? '') ? [{ running, object: undefined }] : [];
      const object = kind === 'user' ? undefined : sharedTable(tables, tablesIn(running.info, running.db));
      return object === undefined ? [] : [{ running, object }];
    })
    .toSorted((a, b) => b.running.seconds - a.running.seconds);
}

/** Open transactions that began before the wait: idle ones in the table's schema first, then the oldest. */
function openTransactions(view: SessionView, able: readonly Session[], { session, tables }: Waiting): Session[] {
  const schema = tables[0] === undefined ? undefined : splitTable(tables[0]).schema;
  const age = (one: Session) => transactionOf(view, one.id)?.age_seconds ?? -Infinity;
  const rank = (one: Session) => (isIdle(one) ? 2 : 0) + (one.db === null || one.db === schema ? 1 : 0);
  return able
    .filter((one) => age(one) + toleranceSeconds >= session.seconds)
    .toSorted((a, b) => rank(b) - rank(a) || age(b) - age(a));
}

function sharedTable(one: readonly string[], other: readonly string[]): string | undefined {
  const names = new Set(other.map((table) => table.toLowerCase()));
  return one.find((table) => names.has(table.toLowerCase()));
}
