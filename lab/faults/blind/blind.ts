import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addAccount } from '../../mariadb/accounts.ts';
import { defineFault, type Fault } from '../fault.ts';
import { endSessions, globalVariable, openTransaction, prove } from '../steps.ts';

/** Nothing is wrong with these servers except what cannot be seen; a report must say so and how to open the view. */
export const blindPerformanceSchema = defineFault({
  id: 'blind-performance-schema',
  title: 'performance_schema is off: no statement digests, no metadata locks',
  question: 'which statements cost the most on orders-prod?',
  async inject({ primary }) {
    return {
      async gate() {
        prove((await globalVariable(primary, 'performance_schema')) === 0, 'performance_schema is on');
        return 'performance_schema = OFF';
      },
      undo: async () => {},
      expect: {
        required: [],
        coverage: [{ code: 'coverage.performance_schema_off', fix: 'performance_schema' }],
      },
    };
  },
});

export const blindSlowLog = defineFault({
  id: 'blind-slow-log',
  title: 'The slow query log is off: nothing tells what was slow',
  question: 'what was slow on orders-prod in the last hour?',
  primary: { args: ['--slow-query-log=OFF'] },
  async inject({ primary }) {
    return {
      async gate() {
        prove((await globalVariable(primary, 'slow_query_log')) === 0, 'the slow log is on');
        return 'slow_query_log = OFF';
      },
      undo: async () => void (await primary.query('SET GLOBAL slow_query_log = ON')),
      expect: {
        required: [],
        coverage: [{ code: 'coverage.slow_log_off', fix: 'slow_query_log' }],
        allowed: ['config.slow_log_off'],
      },
    };
  },
});

export const blindSlowLogFile: Fault = defineFault({
  id: 'blind-slow-log-file',
  title: 'The slow query log is on, but it goes to a file that nobody can read any more',
  question: 'what was slow on orders-prod in the last hour?',
  async inject(world) {
    const missing = join(world.primary.directory, 'rotated-away', 'slow.log');
    world.retarget(world.primary, { slowLog: missing });
    return {
      async gate() {
        const output = await globalVariable(world.primary, 'log_output');
        const blind = world.targets.some((target) => target.slowLog === missing);
        prove(
          output === 'FILE' && blind,
          `log_output ${output}, the target names ${blind ? 'a missing' : 'the real'} log`,
        );
        return `log_output = FILE, ${missing} does not exist`;
      },
      undo: async () => world.retarget(world.primary, {}),
      expect: { required: [], coverage: [{ code: ['coverage.slow_log_unreadable', 'coverage.slow_log_off'] }] },
    };
  },
});

export const blindErrorLog: Fault = defineFault({
  id: 'blind-error-log',
  title: 'The error log cannot be read',
  question: 'anything bad in the error log?',
  async inject(world) {
    const gone = join(world.primary.directory, 'no-such.log');
    await rm(gone, { force: true });
    world.retarget(world.primary, { errorLog: gone });
    return {
      async gate() {
        prove(
          world.targets.some((target) => target.errorLog === gone),
          'the target names another log',
        );
        return `the target's error log ${gone} does not exist`;
      },
      undo: async () => world.retarget(world.primary, {}),
      expect: { required: [], coverage: [{ code: 'coverage.error_log_unreadable' }] },
    };
  },
});

export const blindProcess: Fault = defineFault({
  id: 'blind-process',
  title: 'The account lacks PROCESS, so an idle transaction and its victims stay out of sight',
  question: 'is orders-prod healthy?',
  async inject(world) {
    const { primary } = world;
    const account = { user: 'dbcheck_blind', password: primary.accounts.dbcheck.password };
    const setup = await primary.connect();
    await addAccount(
      setup,
      account,
      'SELECT, SHOW DATABASES, SHOW VIEW, EVENT, REPLICA MONITOR, BINLOG MONITOR ON *.*',
    );
    await setup.end();
    world.retarget(primary, account);
    const idle = await openTransaction(primary, ["UPDATE orders SET note = 'unseen' WHERE id = 5"]);
    return {
      async gate() {
        const eyes = await primary.connect(account);
        const seen = await eyes.query<{ ID: number }[]>('SELECT ID FROM information_schema.PROCESSLIST');
        const denied = await eyes.query('SELECT COUNT(*) FROM information_schema.INNODB_TRX').then(
          () => false,
          () => true,
        );
        await eyes.end();
        prove(world.targets[0]?.user === account.user, 'the target has an account that sees everything');
        prove(seen.length === 1 && denied, `${seen.length} threads seen, transactions ${denied ? 'denied' : 'seen'}`);
        return 'sees only its own thread and no transactions';
      },
      async undo() {
        await endSessions(primary, [idle]);
        world.retarget(primary, {});
      },
      expect: {
        required: [],
        coverage: [{ code: 'coverage.missing_privilege', fix: 'PROCESS' }],
        verdict: ['unknown', 'degraded', 'critical'],
      },
    };
  },
});
