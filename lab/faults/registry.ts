import { backupCorrupt, backupNone, backupStale, pitrGap } from './backup/backup-folder-faults.ts';
import { binlogUnbounded, noBinlog } from './backup/binlog-faults.ts';
import { blindErrorLog, blindPerformanceSchema, blindProcess, blindSlowLog, blindSlowLogFile } from './blind/blind.ts';
import { diskFull } from './capacity/disk-full.ts';
import { openFiles } from './capacity/open-files.ts';
import { chainAndMissingIndex } from './compound/chain-and-missing-index.ts';
import { hostileText } from './compound/hostile-text.ts';
import { leakToOutage } from './compound/leak-to-outage.ts';
import { oldReportRedHerring } from './compound/old-report-red-herring.ts';
import { reportBesideChain } from './compound/report-beside-chain.ts';
import { twoChains } from './compound/two-chains.ts';
import { durability } from './configuration/durability.ts';
import { generalLogOn } from './configuration/general-log-on.ts';
import { maxAllowedPacket } from './configuration/max-allowed-packet.ts';
import { memoryOvercommit } from './configuration/memory-overcommit.ts';
import { queryCache } from './configuration/query-cache.ts';
import { readOnlyPrimary } from './configuration/read-only-primary.ts';
import { redoLogSmall } from './configuration/redo-log-small.ts';
import { smallBufferPool } from './configuration/small-buffer-pool.ts';
import { sqlModeLax } from './configuration/sql-mode-lax.ts';
import { abortedClients } from './connections/aborted-clients.ts';
import { accountBlocked } from './connections/account-blocked.ts';
import { connectionLeak } from './connections/connection-leak.ts';
import { connectionStorm } from './connections/connection-storm.ts';
import { exhausted } from './connections/exhausted.ts';
import { nearLimit } from './connections/near-limit.ts';
import { refusedLogins } from './connections/refused-logins.ts';
import { userLimit } from './connections/user-limit.ts';
import type { Fault } from './fault.ts';
import { healthyAccounts, healthyConnections, healthyPool } from './healthy/connections.ts';
import { none } from './healthy/none.ts';
import { healthyDelayedReplica, healthyReplica } from './healthy/replication.ts';
import { healthyLoad, healthyMaintenance, healthyReport, healthyRestart } from './healthy/workload.ts';
import { diskForecast } from './history/disk-forecast.ts';
import { healthyHistory } from './history/healthy.ts';
import { droppedIndex } from './history/regression.ts';
import { corruptTable } from './incidents/corrupt-table.ts';
import { crash } from './incidents/crash.ts';
import { deadServer } from './incidents/dead-server.ts';
import { hungServer } from './incidents/hung-server.ts';
import { deadlocks } from './locks/deadlocks.ts';
import { engineTableLock } from './locks/engine-table-lock.ts';
import { globalReadLock } from './locks/global-read-lock.ts';
import { idleInTransaction } from './locks/idle-in-transaction.ts';
import { longAlter } from './locks/long-alter.ts';
import { metadataLock } from './locks/metadata-lock.ts';
import { metadataLockDecoys } from './locks/metadata-lock-decoys.ts';
import { purgePinned } from './locks/purge-pinned.ts';
import { readingBlocker } from './locks/reading-blocker.ts';
import { rowLockChain } from './locks/row-lock-chain.ts';
import { tableLock } from './locks/table-lock.ts';
import { userLock } from './locks/user-lock.ts';
import { xaPrepared } from './locks/xa-prepared.ts';
import { missingIndex } from './queries/missing-index.ts';
import { missingIndexPartitioned } from './queries/missing-index-partitioned.ts';
import { nPlusOne } from './queries/n-plus-one.ts';
import { pileUp } from './queries/pile-up.ts';
import { slowLogOff } from './queries/slow-log-off.ts';
import { sortMerge } from './queries/sort-merge.ts';
import { statementLimit } from './queries/statement-limit.ts';
import { tmpDiskTables } from './queries/tmp-disk-tables.ts';
import { brokenChannel } from './replication/broken-channel.ts';
import { configDrift } from './replication/config-drift.ts';
import { errantWrites } from './replication/errant-writes.ts';
import { gtidDiverged } from './replication/gtid-diverged.ts';
import { replica1062 } from './replication/replica-1062.ts';
import { replicaBackupLock } from './replication/replica-backup-lock.ts';
import { replicaBigTransaction } from './replication/replica-big-transaction.ts';
import { replicaDown } from './replication/replica-down.ts';
import { equalServerIds, replica1032 } from './replication/replica-errors.ts';
import { replicaIoAuth } from './replication/replica-io-auth.ts';
import { replicaLagNoPk } from './replication/replica-lag-no-pk.ts';
import { replicaLocalLock, replicaLocalLockDecoys } from './replication/replica-local-lock.ts';
import { replicaSkipsErrors } from './replication/replica-skips-errors.ts';
import { replicaStopped } from './replication/replica-stopped.ts';
import { semisyncOff } from './replication/semisync-off.ts';
import { autoinc, autoincDecoys, sequenceNearLimit } from './schema/autoinc.ts';
import { charsetMismatch } from './schema/charset-mismatch.ts';
import { duplicateForeignKey } from './schema/duplicate-foreign-key.ts';
import { duplicateIndex } from './schema/duplicate-index.ts';
import { myisam, oddEngines } from './schema/engines.ts';
import { hostileNames } from './schema/hostile-names.ts';
import { noPrimaryKey } from './schema/no-primary-key.ts';
import { staleStatistics } from './schema/stale-statistics.ts';
import { unusedIndex } from './schema/unused-index.ts';
import { unusedIndexUnknown } from './schema/unused-index-unknown.ts';
import { openDoor } from './security/open-door.ts';

/** Every fault and control, in the order in which lists show them. */
export const faults: readonly Fault[] = [
  rowLockChain,
  readingBlocker,
  metadataLock,
  metadataLockDecoys,
  idleInTransaction,
  deadlocks,
  longAlter,
  tableLock,
  engineTableLock,
  globalReadLock,
  userLock,
  xaPrepared,
  purgePinned,
  missingIndex,
  missingIndexPartitioned,
  slowLogOff,
  sortMerge,
  tmpDiskTables,
  nPlusOne,
  pileUp,
  statementLimit,
  nearLimit,
  exhausted,
  connectionLeak,
  connectionStorm,
  refusedLogins,
  userLimit,
  accountBlocked,
  abortedClients,
  crash,
  corruptTable,
  hungServer,
  deadServer,
  replica1062,
  replica1032,
  equalServerIds,
  replicaIoAuth,
  replicaLagNoPk,
  replicaBigTransaction,
  replicaLocalLock,
  replicaLocalLockDecoys,
  replicaBackupLock,
  replicaSkipsErrors,
  gtidDiverged,
  errantWrites,
  replicaStopped,
  brokenChannel,
  replicaDown,
  semisyncOff,
  configDrift,
  duplicateIndex,
  unusedIndex,
  unusedIndexUnknown,
  noPrimaryKey,
  myisam,
  oddEngines,
  autoinc,
  autoincDecoys,
  sequenceNearLimit,
  charsetMismatch,
  duplicateForeignKey,
  hostileNames,
  staleStatistics,
  smallBufferPool,
  redoLogSmall,
  readOnlyPrimary,
  durability,
  generalLogOn,
  sqlModeLax,
  queryCache,
  memoryOvercommit,
  maxAllowedPacket,
  openDoor,
  diskFull,
  diskForecast,
  droppedIndex,
  openFiles,
  binlogUnbounded,
  noBinlog,
  backupStale,
  backupNone,
  backupCorrupt,
  pitrGap,
  leakToOutage,
  twoChains,
  reportBesideChain,
  chainAndMissingIndex,
  oldReportRedHerring,
  hostileText,
  blindPerformanceSchema,
  blindSlowLog,
  blindSlowLogFile,
  blindErrorLog,
  blindProcess,
  none,
  healthyLoad,
  healthyReport,
  healthyHistory,
  healthyReplica,
  healthyDelayedReplica,
  healthyConnections,
  healthyPool,
  healthyAccounts,
  healthyRestart,
  healthyMaintenance,
];

/** Finds a fault by its id; throws with the ids there are. */
export function faultById(id: string): Fault {
  const fault = faults.find((candidate) => candidate.id === id);
  if (!fault) throw new Error(`no fault ${id}; there are ${faults.map((candidate) => candidate.id).join(', ')}`);
  return fault;
}
