/** One row of the plan that MariaDB logs, with the numbers of the run itself in `rRows` and `rFiltered`. */
export interface ExplainRow {
  readonly id: string;
  readonly selectType: string;
  readonly table: string;
  readonly type: string;
  readonly possibleKeys: string | null;
  readonly key: string | null;
  readonly keyLength: string | null;
  readonly ref: string | null;
  /** What the optimizer expected; null where there is no number. */
  readonly rows: number | null;
  /** What was read per execution. */
  readonly rRows: number | null;
  readonly filtered: number | null;
  readonly rFiltered: number | null;
  readonly extra: string;
}

/** Reads the lines `# explain: …`; the first names the columns. */
export function readExplain(text: string): ExplainRow[] {
  const lines = text.split('\n').map((line) => line.replace(/^# explain: |\r$/g, '').split('\t'));
  const columns = lines.findIndex((cells) => cells[0] === 'id');
  const header = lines[columns];
  if (header === undefined) return [];
  return lines
    .slice(columns + 1)
    .filter((cells) => cells.length === header.length && cells[0] !== 'id')
    .map((cells) => rowOf(new Map(header.map((name, i) => [name, cells[i] ?? '']))));
}

function rowOf(cells: ReadonlyMap<string, string>): ExplainRow {
  const text = (name: string): string => cells.get(name) ?? '';
  const orNull = (name: string): string | null => (text(name) === 'NULL' || text(name) === '' ? null : text(name));
  const number = (name: string): number | null => {
    const value = orNull(name);
    return value === null || Number.isNaN(Number(value)) ? null : Number(value);
  };
  return {
    id: text('id'),
    selectType: text('select_type'),
    table: text('table'),
    type: text('type'),
    possibleKeys: orNull('possible_keys'),
    key: orNull('key'),
    keyLength: orNull('key_len'),
    ref: orNull('ref'),
    rows: number('rows'),
    rRows: number('r_rows'),
    filtered: number('filtered'),
    rFiltered: number('r_filtered'),
    extra: orNull('Extra') ?? '',
  };
}
