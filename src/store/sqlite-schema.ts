/**
 * How the file came to look as it does, oldest first; the file remembers in `user_version` how many it has seen.
 * A step is never changed after a release, only followed by another.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE record (
     kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
     written_at INTEGER NOT NULL, expires_at INTEGER,
     PRIMARY KEY (kind, key)
   ) WITHOUT ROWID;
   CREATE INDEX record_written ON record (kind, written_at);
   CREATE INDEX record_expires ON record (expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE log (
     kind TEXT NOT NULL, stream TEXT NOT NULL, at INTEGER NOT NULL, number INTEGER NOT NULL,
     value TEXT NOT NULL, expires_at INTEGER,
     PRIMARY KEY (kind, stream, at, number)
   ) WITHOUT ROWID;
   CREATE INDEX log_expires ON log (expires_at) WHERE expires_at IS NOT NULL;`,
];
