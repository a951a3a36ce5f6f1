/** Server options with which performance_schema shows who holds which metadata lock. */
export const metadataLocksInstrumented: readonly string[] = [
  '--performance-schema=ON',
  '--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON',
];
