import { defineSqlFault } from '../sql-fault.ts';

export const memoryOvercommit = defineSqlFault({
  id: 'memory-overcommit',
  title: 'Buffers per connection times max_connections exceed any machine',
  question: 'can orders-prod run out of memory?',
  primary: { args: ['--max-connections=4000', '--sort-buffer-size=128M', '--join-buffer-size=128M'] },
  proof: `SELECT @@max_connections AS connections, @@GLOBAL.sort_buffer_size AS sort, @@GLOBAL.join_buffer_size AS joins
          FROM DUAL WHERE @@max_connections * (@@GLOBAL.sort_buffer_size + @@GLOBAL.join_buffer_size) > 900 << 30`,
  undo: [
    'SET GLOBAL max_connections = 151',
    'SET GLOBAL sort_buffer_size = 2 << 20',
    'SET GLOBAL join_buffer_size = 256 << 10',
  ],
  expect: { required: [{ code: 'config.memory_overcommit' }] },
});
