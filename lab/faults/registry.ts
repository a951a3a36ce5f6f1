import { blindErrorLog, blindPerformanceSchema, blindProcess, blindSlowLog } from './blind.ts';
import { crash } from './crash.ts';
import { deadlocks } from './deadlocks.ts';
import { exhausted } from './exhausted.ts';
import type { Fault } from './fault.ts';
import { idleInTransaction } from './idle-in-transaction.ts';
import { leakToOutage } from './leak-to-outage.ts';
import { longAlter } from './long-alter.ts';
import { metadataLock } from './metadata-lock.ts';
import { missingIndex } from './missing-index.ts';
import { nearLimit } from './near-limit.ts';
import { none } from './none.ts';
import { rowLockChain } from './row-lock-chain.ts';
import { slowLogOff } from './slow-log-off.ts';

/** Every fault and control, in the order in which lists show them. */
export const faults: readonly Fault[] = [
  rowLockChain,
  metadataLock,
  idleInTransaction,
  missingIndex,
  nearLimit,
  exhausted,
  slowLogOff,
  deadlocks,
  crash,
  longAlter,
  leakToOutage,
  blindPerformanceSchema,
  blindSlowLog,
  blindErrorLog,
  blindProcess,
  none,
];

/** Finds a fault by its id; throws with the ids there are. */
export function faultById(id: string): Fault {
  const fault = faults.find((candidate) => candidate.id === id);
  if (!fault) throw new Error(`no fault ${id}; there are ${faults.map((candidate) => candidate.id).join(', ')}`);
  return fault;
}
