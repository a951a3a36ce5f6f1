import { defineSqlFault } from '../sql-fault.ts';

export const queryCache = defineSqlFault({
  id: 'query-cache',
  title: 'A large query cache is on, and every statement queues for its one lock',
  question: 'audit the configuration of orders-prod',
  primary: { args: ['--query-cache-type=ON', '--query-cache-size=256M'] },
  proof: `SELECT @@query_cache_type AS type, @@query_cache_size AS size FROM DUAL
          WHERE @@query_cache_type = 'ON' AND @@query_cache_size > 200 << 20`,
  undo: ['SET GLOBAL query_cache_size = 0', 'SET GLOBAL query_cache_type = OFF'],
  expect: { required: [{ code: 'config.query_cache_contention' }] },
});
