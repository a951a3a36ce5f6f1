import { defineFault } from '../fault.ts';
import { endSessions, firstRow, openSession, prove, startStatement, waitFor } from '../steps.ts';

const ageSeconds = 11;
const rows = 1_000_000;

export const longAlter = defineFault({
  id: 'long-alter',
  title: 'An ALTER TABLE copies a million rows',
  question: 'a migration is running on orders-prod, how far is it and can I stop it?',
  ageSeconds,
  async inject({ primary }) {
    await primary.query('CREATE TABLE shop.events (id INT UNSIGNED PRIMARY KEY, kind TINYINT NOT NULL) ENGINE=InnoDB');
    await primary.query(`INSERT INTO shop.events SELECT seq, seq % 7 FROM shop.seq_1_to_${rows}`);
    const migration = await openSession(primary);
    // The stored checksum makes each copied row cost what a wide row costs, without needing the disk for it.
    startStatement(
      migration,
      `ALTER TABLE events ADD COLUMN checksum CHAR(128) AS (SHA2(REPEAT(id, 4000), 512)) STORED, ALGORITHM=COPY`,
    );
    const read = () =>
      firstRow<{ STAGE: number; PROGRESS: string; TIME_MS: string; STATE: string }>(
        primary,
        `SELECT STAGE, PROGRESS, TIME_MS, COALESCE(STATE, '') AS STATE FROM information_schema.PROCESSLIST
         WHERE ID = ${migration.thread}`,
      );
    await waitFor(
      `the ALTER to run for ${ageSeconds} s`,
      async () => Number((await read()).TIME_MS) > ageSeconds * 1000,
    );
    return {
      async gate() {
        const { STAGE, PROGRESS, TIME_MS, STATE } = await read();
        prove(STATE === 'copy to tmp table', `the ALTER is in state '${STATE}'`);
        prove(STAGE === 1 && Number(PROGRESS) > 0 && Number(PROGRESS) < 100, `stage ${STAGE}, progress ${PROGRESS}`);
        return `${STATE}, stage ${STAGE}, ${PROGRESS} %, ${(Number(TIME_MS) / 1000).toFixed(0)} s`;
      },
      async undo() {
        await primary.query(`KILL ${migration.thread}`);
        await endSessions(primary, [migration]);
        await primary.query('DROP TABLE shop.events');
      },
      expect: {
        required: [{ code: 'ddl.long_alter', subject: 'shop.events' }],
        rootCause: { codes: ['ddl.long_alter'], subject: 'shop.events' },
        allowed: ['query.long_running', 'tx.long_running'],
        notes: 'the finding carries the progress, and no recommendation to kill without what the rollback costs',
      },
    };
  },
});
