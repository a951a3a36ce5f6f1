import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Connection } from 'mariadb';
import { waitForChannel, withoutBinaryLog } from '../../lab/faults/replication/replica.ts';
import { openSession, startStatement, waitFor, waitForRowLockWaits } from '../../lab/faults/steps.ts';
import { type ReplicationPair, startPair } from '../../lab/mariadb/replicate.ts';
import type { LabServer } from '../../lab/mariadb/server.ts';
import { type TargetEntry, targetEntry } from '../../lab/mariadb/target.ts';

/** A word or number that stands nowhere else in the world, and where it was planted. */
export interface Planted {
  readonly channel: string;
  readonly secret: string;
}

export interface PlantedWorld {
  readonly pair: ReplicationPair;
  readonly targets: readonly TargetEntry[];
  readonly planted: readonly Planted[];
  stop(): Promise<void>;
}

/** Anything: a literal or a comment is masked whatever it looks like. */
const literal = fc.stringMatching(/^zq[a-z]{8,14}$/);
// No nines and zeros in a row: those stand in any rounded fraction (0.0217479999999).
const number = fc.stringMatching(/^7[1-8]{8}$/);
/** What is known as a secret by its form, wherever it stands. */
const shaped = fc.oneof(
  fc.stringMatching(/^zq[a-z]{5,8}\.[a-z]{3,9}@[a-z]{4,9}\.(com|org)$/),
  fc.stringMatching(/^ghp_[A-Za-z0-9]{36}$/),
  fc.stringMatching(/^AKIA[A-Z0-9]{16}$/),
  fc.stringMatching(/^xoxb-[0-9]{11}-[A-Za-z0-9]{24}$/),
);

/**
 * A primary and a replica with a secret of each kind in every place where text of strangers stands on a server:
 * running statements, locks, deadlocks, both slow logs, digests, error log, comments of objects, names of accounts,
 * settings, replication errors and backups. The secrets are others in every run.
 */
export async function plantSecrets(): Promise<PlantedWorld> {
  const planted: Planted[] = [];
  const pick = (channel: string, from: fc.Arbitrary<string> = literal): string => {
    const [secret = ''] = fc.sample(from, 1);
    planted.push({ channel, secret });
    return secret;
  };
  /** A condition with every kind of literal. */
  const where = (channel: string): string =>
    `note <> '${pick(channel)}' AND status <> "${pick(channel)}" AND id <> ${pick(channel, number)} ` +
    `AND note <> '${pick(channel, shaped)}' /* ${pick(`${channel}, comment`)} */`;

  const pair = await startPair({
    primaryArgs: [
      ...['--performance-schema=ON', '--log-output=FILE,TABLE', '--slow-query-log=ON', '--long-query-time=0'],
      ...['--innodb-print-all-deadlocks=ON', '--log-warnings=9', '--log-slow-verbosity=query_plan,explain'],
      ...['--performance-schema-consumer-events-statements-history=ON', '--userstat=ON'],
      ...['--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON', `--report-password=${pick('a setting')}`],
      `--init-connect=SET @x = '${pick('a setting')}'`,
    ],
  });
  try {
    const { primary } = pair;
    const [replica] = pair.replicas as [LabServer];
    await plantObjects(primary, pick);
    await plantSlowStatements(primary, where);
    await plantLocks(primary, pick, where);
    await plantDeadlock(primary, pick);
    await plantAccounts(primary, pick);
    await plantReplicationError(primary, replica, pick);
    const backups = plantBackups(primary, pick);
    await primary.quiet();
    await replica.quiet();
    const targets = [
      targetEntry(primary, { replicas: [replica.name], backups: { kind: 'dump', path: backups } }),
      targetEntry(replica),
    ];
    return { pair, targets, planted, stop: () => pair.stop() };
  } catch (error) {
    await pair.stop();
    throw error;
  }
}

type Pick = (channel: string, from?: fc.Arbitrary<string>) => string;
type Where = (channel: string) => string;

async function plantObjects(primary: LabServer, pick: Pick): Promise<void> {
  const [table, column, index] = ['table comment', 'column comment', 'index comment'].map((place) => {
    return `${pick(place)} ${pick(place, shaped)}`;
  });
  for (const sql of [
    `CREATE TABLE shop.notes (a INT COMMENT '${column}', b VARCHAR(80) DEFAULT '${pick('column default')}',
       c ENUM('x', '${pick('enum')}'), KEY a1 (a) COMMENT '${index}', KEY a2 (a), CHECK (b <> '${pick('check')}'))
       ENGINE=MyISAM COMMENT '${table}'`,
    `CREATE TABLE shop.parts (d VARCHAR(40)) PARTITION BY LIST COLUMNS (d)
       (PARTITION p1 VALUES IN ('${pick('partition')}') COMMENT '${pick('partition comment')}')`,
    `CREATE VIEW shop.seen AS SELECT '${pick('view')}' AS x FROM shop.orders`,
    `CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY COMMENT '${pick('event')}' DO DELETE FROM shop.notes WHERE b = '${pick('event')}'`,
    `CREATE TRIGGER shop.watch BEFORE INSERT ON shop.notes FOR EACH ROW SET NEW.b = '${pick('trigger')}'`,
  ]) {
    await primary.query(sql);
  }
}

async function plantSlowStatements(primary: LabServer, where: Where): Promise<void> {
  const { connection } = await openSession(primary);
  for (let round = 0; round < 6; round++) {
    await connection.query(`SELECT COUNT(*), SLEEP(0.05) FROM orders WHERE ${where('slow log')} AND total > 1 LIMIT 1`);
    await connection.query(`UPDATE orders SET note = note WHERE ${where('slow log')} AND total < 0`);
  }
  // Broken SQL is no statement to the server's parser, and its text is logged as it is.
  await connection.query(`SELEC ${where('broken statement')}`).catch(() => {});
  await connection.end();
}

/** An idle blocker, who waits for it, a long statement, a table lock and a user lock. */
async function plantLocks(primary: LabServer, pick: Pick, where: Where): Promise<void> {
  const holder = await openSession(primary);
  await holder.connection.query('START TRANSACTION');
  await holder.connection.query(`UPDATE orders SET note = '${pick('lock holder')}' WHERE id = 7`);
  const waiter = await openSession(primary);
  startStatement(waiter, `UPDATE orders SET note = '${pick('lock waiter')}' WHERE id = 7 AND ${where('lock waiter')}`);
  await waitForRowLockWaits(primary, [waiter]);
  const reader = await openSession(primary);
  startStatement(
    reader,
    `SELECT SLEEP(300), '${pick('processlist')}' FROM customers WHERE ${where('processlist').replaceAll(/note|status/g, 'email')}`,
  );
  const prepared = await openSession(primary);
  await prepared.connection.query(`PREPARE p FROM 'SELECT SLEEP(300), "${pick('prepared statement')}"'`);
  startStatement(prepared, 'EXECUTE p');
  const locker = await openSession(primary);
  await locker.connection.query(`SELECT GET_LOCK('${pick('user lock', shaped)}', 1)`);
  await primary.query('CREATE TABLE shop.jobs (id INT PRIMARY KEY)');
  await locker.connection.query('START TRANSACTION');
  await locker.connection.query('SELECT * FROM jobs');
  const queued = await openSession(primary);
  startStatement(queued, `ALTER TABLE jobs COMMENT '${pick('waiting ALTER')}'`);
  await waitFor('the sessions to wait', async () => {
    const rows = await primary.query(
      "SELECT id FROM information_schema.processlist WHERE info LIKE '%note%' AND state <> ''",
    );
    return rows.length >= 1;
  });
}

async function plantDeadlock(primary: LabServer, pick: Pick): Promise<void> {
  const [first, second] = [(await openSession(primary)).connection, (await openSession(primary)).connection];
  await first.query('START TRANSACTION');
  await second.query('START TRANSACTION');
  const update = (connection: Connection, id: number): Promise<unknown> =>
    connection.query(
      `UPDATE customers SET name = '${pick('deadlock')}' WHERE id = ${id} /* ${pick('deadlock, comment')} */`,
    );
  await update(first, 1);
  await update(second, 2);
  await Promise.allSettled([update(first, 2), update(second, 1)]);
  await first.query('ROLLBACK');
  await second.query('ROLLBACK');
}

/** Accounts whose names are secrets: in the processlist, idle in a transaction, refused at the door, without a password. */
async function plantAccounts(primary: LabServer, pick: Pick): Promise<void> {
  for (let n = 0; n < 3; n++) {
    const user = pick('user name', shaped);
    await primary.query(`CREATE USER '${user}'@localhost`);
    await primary.query(`GRANT ALL ON *.* TO '${user}'@localhost WITH GRANT OPTION`);
    const session = await openSession(primary, { user, password: '' });
    await session.connection.query('START TRANSACTION');
    await session.connection.query(`UPDATE customers SET name = '${pick('transaction')}' WHERE id = ${n + 20}`);
    startStatement(session, `SELECT SLEEP(200) /* ${pick('transaction, comment')} */`);
    const stranger = pick('error log', shaped);
    for (let tries = 0; tries < 12; tries++)
      await primary.connect({ user: stranger, password: 'wrong' }).catch(() => {});
  }
}

/** A row that is there twice; the server's message quotes its value. */
async function plantReplicationError(primary: LabServer, replica: LabServer, pick: Pick): Promise<void> {
  const key = pick('replication error');
  await primary.query('CREATE TABLE shop.codes (code VARCHAR(40) PRIMARY KEY)');
  await waitFor(
    'the table on the replica',
    async () => (await replica.query("SHOW TABLES FROM shop LIKE 'codes'")).length > 0,
  );
  await withoutBinaryLog(replica, [`INSERT INTO shop.codes VALUES ('${key}')`]);
  const connection = await primary.connect();
  await connection.query("SET SESSION binlog_format = 'STATEMENT'");
  await connection.query(`INSERT INTO shop.codes VALUES ('${key}') /* ${pick('replication error, comment')} */`);
  await connection.end();
  await waitForChannel(replica, 'the SQL thread to stop', (status) => status['Slave_SQL_Running'] === 'No');
}

function plantBackups(primary: LabServer, pick: Pick): string {
  const folder = join(primary.directory, 'backups');
  mkdirSync(folder);
  writeFileSync(join(folder, 'shop.sql'), `-- MariaDB dump\nINSERT INTO orders VALUES ('${pick('dump')}');\n`);
  return folder;
}
