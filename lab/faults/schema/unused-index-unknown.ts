import { defineSqlFault } from '../sql-fault.ts';

export const unusedIndexUnknown = defineSqlFault({
  id: 'unused-index-unknown',
  title: 'The same with userstat off: there is no evidence that an index is unused',
  question: 'which indexes can I drop?',
  agents: ['schema_health'],
  statements: ['ALTER TABLE shop.products ADD KEY stock (stock)'],
  proof: "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE INDEX_NAME = 'stock' AND @@userstat = 0",
  undo: ['ALTER TABLE shop.products DROP KEY stock'],
  expect: { required: [], coverage: [{ fix: 'userstat' }], absent: [{ code: 'schema.unused_index' }] },
});
