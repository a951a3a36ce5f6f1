import { defineFault } from '../fault.ts';
import { endSessions, openSession, openSessions, prove, startStatement, threadStates, waitForState } from '../steps.ts';

export const engineTableLock = defineFault({
  id: 'engine-table-lock',
  title: 'A slow reader of a MyISAM table keeps its writer waiting, and the writer all later readers',
  question: 'the counters table hangs, what blocks it?',
  async inject({ primary }) {
    await primary.query('CREATE TABLE shop.counters (id INT PRIMARY KEY, hits INT NOT NULL) ENGINE=MyISAM');
    await primary.query('INSERT INTO shop.counters SELECT seq, 0 FROM shop.seq_1_to_100');
    const reader = startStatement(await openSession(primary), 'SELECT SUM(hits + SLEEP(3)) FROM counters');
    await waitForState(primary, [reader], 'User sleep');
    const [writer, ...readers] = await openSessions(primary, 4);
    if (!writer) throw new Error('no session');
    startStatement(writer, 'UPDATE counters SET hits = hits + 1 WHERE id = 1');
    await waitForState(primary, [writer], 'table level lock');
    for (const session of readers) startStatement(session, 'SELECT hits FROM counters WHERE id = 1');
    const waiting = [writer, ...readers];
    await waitForState(primary, waiting, 'table level lock');
    return {
      async gate() {
        const stuck = (await threadStates(primary, waiting)).filter((row) => row.STATE.includes('table level lock'));
        prove(stuck.length === waiting.length, `${stuck.length} of ${waiting.length} wait`);
        return `${stuck.length} threads wait for the table level lock that ${reader.subject} holds`;
      },
      async undo() {
        await endSessions(primary, [reader, ...waiting]);
        await primary.query('DROP TABLE shop.counters');
      },
      expect: {
        required: [
          { code: ['lock.table', 'lock.mdl'], subject: reader.subject },
          { code: 'schema.non_transactional_engine', subject: 'shop.counters' },
        ],
        rootCause: { codes: ['lock.table', 'lock.mdl', 'query.long_running'], subject: reader.subject },
        allowed: ['query.long_running', 'query.full_scan'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
