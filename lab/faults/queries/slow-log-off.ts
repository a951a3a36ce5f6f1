import { defineFault } from '../fault.ts';
import { globalVariable, prove } from '../steps.ts';

export const slowLogOff = defineFault({
  id: 'slow-log-off',
  title: 'The slow query log is off, as MariaDB ships it, and performance_schema too',
  question: 'show me the slow queries of the last hour',
  primary: { args: ['--slow-query-log=OFF'] },
  async inject({ primary }) {
    return {
      async gate() {
        const slowLog = await globalVariable(primary, 'slow_query_log');
        const performanceSchema = await globalVariable(primary, 'performance_schema');
        prove(
          slowLog === 0 && performanceSchema === 0,
          `slow_query_log ${slowLog}, performance_schema ${performanceSchema}`,
        );
        return 'slow_query_log = OFF, performance_schema = OFF';
      },
      undo: async () => void (await primary.query('SET GLOBAL slow_query_log = ON')),
      expect: {
        required: [{ code: 'config.slow_log_off' }],
        coverage: [{ code: 'coverage.slow_log_off', fix: 'slow_query_log' }],
      },
    };
  },
});
