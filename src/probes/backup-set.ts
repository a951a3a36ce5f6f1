/** One backup as it lies in the configured folder. */
export interface BackupSet {
  readonly name: string;
  readonly kind: 'full' | 'incremental' | 'dump';
  /** When it was finished, ms since 1970: the oldest of what the backup says of itself and what its files say. */
  readonly finishedAtMs: number;
  readonly sizeBytes: number;
  /** Why it cannot be restored, or undefined where nothing speaks against it. */
  readonly broken: string | undefined;
  /** Log sequence numbers that an incremental backup leads from and to. */
  readonly fromLsn: number | undefined;
  readonly toLsn: number | undefined;
  /** The binary log file that was current, where the backup recorded it. */
  readonly binlogFile: string | undefined;
}
