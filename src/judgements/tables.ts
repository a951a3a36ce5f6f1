import type { Thresholds } from '../agents/thresholds.ts';
import type { Catalogue, CatalogueColumn } from '../probes/schema-catalogue.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { quotedName, quotedTable, splitTable } from '../sql/quote.ts';

export interface TableView {
  readonly catalogue: Catalogue;
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
}

export function judgeTables(view: TableView): FindingDraft[] {
  return [
    ...judgePrimaryKeys(view),
    ...judgeEngines(view),
    ...judgeForeignKeys(view),
    ...judgeCharsets(view),
    ...judgeNumbers(view),
  ];
}

/** A table whose rows nothing identifies: replication scans it for every row, and InnoDB adds a hidden key. */
function judgePrimaryKeys({ catalogue, evidence }: TableView): FindingDraft[] {
  // A unique key that takes NULL takes it any number of times: such rows are identified by nothing.
  const keyed = new Set(
    catalogue.indexes
      .filter(({ unique, parts }) => unique && parts.every(({ nullable }) => !nullable))
      .map(({ table }) => table),
  );
  const taken = new Set(catalogue.columns.map(({ table, name }) => `${table}\u0000${name}`));
  return catalogue.tables
    .filter(
      ({ name, engine }) => !keyed.has(name) && ['InnoDB', 'Aria', 'MyISAM', 'ROCKSDB', 'TokuDB'].includes(engine),
    )
    .map(({ name, rows }) => ({ name, rows, column: taken.has(`${name}\u0000id`) ? 'row_id' : 'id' }))
    .map(({ name, rows, column }) => ({
      code: 'schema.no_primary_key',
      severity: 'warning',
      subject: name,
      title: 'No primary key',
      summary: `${name} (about ${rows} rows) has neither a primary key nor a unique one without NULL: row-based replication scans it for every changed row.`,
      confidence: 'certain',
      facts: { table: name, rows },
      evidence,
      impact: Math.log10(1 + rows),
      recommendations: [
        {
          action: `Give ${name} a primary key; where no column identifies a row, a new one, invisible to SELECT * and to INSERT without columns`,
          sql: `ALTER TABLE ${quotedTable(name)} ADD COLUMN ${quotedName(column)} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE PRIMARY KEY;`,
          risk: 'needs_staging',
          rollback: `ALTER TABLE ${quotedTable(name)} DROP COLUMN ${quotedName(column)};`,
        },
      ],
    }));
}

const engineFaults: Readonly<Record<string, string>> = {
  MyISAM: 'is not crash-safe, locks the whole table for each write and knows no transactions',
  Aria: 'knows no transactions and locks the whole table for each write',
  CSV: 'has no index, no transactions and is not crash-safe',
  MEMORY: 'loses its rows at every restart',
  MERGE: 'is not crash-safe and knows no transactions',
  MRG_MyISAM: 'is not crash-safe and knows no transactions',
  ARCHIVE: 'has no index but one and knows no transactions',
};

function judgeEngines({ catalogue, evidence }: TableView): FindingDraft[] {
  return catalogue.tables.flatMap(({ name, engine, rows }) => {
    const fault = engineFaults[engine];
    if (fault === undefined) return [];
    return [
      {
        code: 'schema.non_transactional_engine',
        severity: 'warning',
        subject: name,
        title: `Engine ${engine}`,
        summary: `${name} (about ${rows} rows) uses ${engine}, which ${fault}; a backup without locks does not catch it in one moment with the others.`,
        confidence: 'certain',
        facts: { table: name, engine, rows },
        evidence,
        recommendations: [
          {
            action: 'Convert it; the table is copied and locked for that time',
            sql: `ALTER TABLE ${quotedTable(name)} ENGINE = InnoDB;`,
            risk: 'needs_staging',
            rollback: `ALTER TABLE ${quotedTable(name)} ENGINE = ${engine};`,
          },
        ],
      } satisfies FindingDraft,
    ];
  });
}

/** The same rule twice: every write checks it twice. */
function judgeForeignKeys({ catalogue, evidence }: TableView): FindingDraft[] {
  const groups = Map.groupBy(catalogue.foreignKeys, (key) =>
    JSON.stringify([key.table, key.columns, key.references, key.referencedColumns]),
  );
  return [...groups.values()].flatMap((keys) => {
    const [first, ...others] = keys.toSorted((a, b) => a.name.localeCompare(b.name));
    return others.map((key): FindingDraft => {
      return {
        code: 'schema.duplicate_foreign_key',
        severity: 'warning',
        subject: `${key.table}.${key.name}`,
        title: `Foreign key ${key.name} repeats ${first?.name}`,
        summary: `${key.name} and ${first?.name} on ${key.table}(${key.columns.join(', ')}) both reference ${key.references}; every write checks both.`,
        confidence: 'certain',
        facts: { table: key.table, constraint: key.name, sameAs: first?.name ?? null },
        evidence,
        recommendations: [
          {
            action: `Drop ${key.name}`,
            sql: `ALTER TABLE ${quotedTable(key.table)} DROP FOREIGN KEY ${quotedName(key.name)};`,
            risk: 'needs_staging',
            rollback: `ALTER TABLE ${quotedTable(key.table)} ADD CONSTRAINT ${quotedName(key.name)} FOREIGN KEY (${key.columns.map(quotedName).join(', ')}) REFERENCES ${quotedTable(key.references)} (${key.referencedColumns.map(quotedName).join(', ')});`,
          },
        ],
      };
    });
  });
}

/**
 * Columns of one name and schema that begin an index, one of them unique by itself as a joined key is, in character sets
 * where the optimizer cannot convert for the index: latin1 against utf8mb4. utf8mb3 against utf8mb4 is narrowed by the
 * optimizer and left alone. Two unique keys are rather two lists of their own: information only.
 */
function judgeCharsets({ catalogue, evidence }: TableView): FindingDraft[] {
  const unicode = (charset: string) => /^utf8/.test(charset);
  const place = (table: string, column: string | undefined) => `${table}\u0000${column}`;
  const leading = new Set(catalogue.indexes.map(({ table, parts }) => place(table, parts[0]?.column)));
  const unique = new Set(
    catalogue.indexes
      .filter((index) => index.unique && index.parts.length === 1)
      .map(({ table, parts }) => place(table, parts[0]?.column)),
  );
  const text = catalogue.columns.filter(({ charset, table, name }) => charset && leading.has(place(table, name)));
  const groups = Map.groupBy(text, ({ table, name }) => `${splitTable(table).schema}\u0000${name}`);
  const isUnique = ({ table, name }: CatalogueColumn) => unique.has(place(table, name));
  return [...groups.values()].flatMap((columns) => {
    const wide = columns.filter(({ charset }) => unicode(charset as string));
    const odd = columns.filter(({ charset }) => !unicode(charset as string));
    return odd.flatMap((column): FindingDraft[] => {
      const others = wide.filter((one) => one.table !== column.table);
      const other = others.find((one) => isUnique(one) !== isUnique(column)) ?? others.find(isUnique);
      if (!other) return [];
      const joined = isUnique(other) !== isUnique(column);
      return [
        {
          code: 'schema.charset_mismatch',
          severity: joined ? 'warning' : 'info',
          subject: `${column.table}.${column.name}`,
          title: `${column.charset} here, ${other.charset} in ${other.table}`,
          summary: `${column.table}.${column.name} is ${column.charset}, ${other.table}.${other.name} is ${other.charset}: a join of the two cannot use the index on the ${column.charset} side.`,
          confidence: 'likely',
          facts: {
            table: column.table,
            column: column.name,
            charset: column.charset ?? null,
            otherTable: other.table,
            otherCharset: other.charset ?? null,
          },
          evidence,
          recommendations: [
            {
              action: 'Bring both to utf8mb4; the table is copied',
              sql: `ALTER TABLE ${quotedTable(column.table)} MODIFY ${quotedName(column.name)} ${column.type} CHARACTER SET utf8mb4; -- keep NOT NULL and DEFAULT as they are`,
              risk: 'needs_staging',
              rollback: `the same with CHARACTER SET ${column.charset}`,
            },
          ],
        },
      ];
    });
  });
}

const integerBits: Readonly<Record<string, number>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  integer: 32,
  bigint: 64,
};

/** The largest value that an integer column holds. */
export function mostOf(type: string): number | undefined {
  const bits = integerBits[/^[a-z]+/.exec(type)?.[0] ?? ''];
  if (bits === undefined) return undefined;
  return /unsigned/.test(type) ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
}

/** Auto-increment columns and sequences that run out of numbers. */
export function judgeNumbers({ catalogue, thresholds, evidence }: TableView): FindingDraft[] {
  const nextOf = new Map(catalogue.tables.map((table) => [table.name, table.autoIncrement]));
  const columns = catalogue.columns.flatMap(({ table, name, type, autoIncrement }) => {
    const next = nextOf.get(table);
    const most = mostOf(type);
    return autoIncrement && next !== undefined && most !== undefined
      ? [{ subject: table, what: `${table}.${name} (${type})`, next, most, column: { name, type } }]
      : [];
  });
  const sequences = catalogue.sequences
    .filter(({ cycles }) => !cycles)
    .map(({ name, next, most }) => ({ subject: name, what: `sequence ${name}`, next, most, column: undefined }));
  return [...columns, ...sequences].flatMap(({ subject, what, next, most, column }) => {
    // The next number is not used yet; behind the largest there is none.
    const left = Math.max(0, most - next + 1);
    const usedPercent = Math.floor((1_000 * (most - left)) / most) / 10;
    if (usedPercent < thresholds.numbersUsedPercent) return [];
    return [
      {
        code: 'schema.autoinc_near_limit',
        severity: usedPercent >= thresholds.numbersCriticalPercent ? 'critical' : 'warning',
        subject,
        title: left === 0 ? 'No numbers are left' : `${usedPercent} % of the numbers are used`,
        summary:
          left === 0
            ? `${what} has used up all numbers to ${most}: whatever asks for the next one fails.`
            : `${what} goes on at ${next} of ${most}: ${left} ${left === 1 ? 'number is' : 'numbers are'} left, then every insert fails.`,
        confidence: 'certain',
        facts: {
          nextValue: next,
          largestValue: most,
          usedPercent,
          numbersLeft: left,
          type: column?.type ?? 'sequence',
        },
        evidence,
        impact: usedPercent / 10,
        thresholds: ['numbersUsedPercent', 'numbersCriticalPercent'],
        recommendations: [column ? widerColumn(subject, column) : longerSequence(subject, most)],
      } satisfies FindingDraft,
    ];
  });
}

function widerColumn(table: string, { name, type }: { readonly name: string; readonly type: string }): Recommendation {
  if (/^bigint.*unsigned/.test(type)) {
    return {
      action: `No integer type is larger: find out what set ${name} so high, and set AUTO_INCREMENT back behind the largest real value`,
      risk: 'needs_staging',
      rollback: 'AUTO_INCREMENT of the table as it was',
    };
  }
  return {
    action: 'Widen the column to BIGINT UNSIGNED, with every column that references it; the table is copied',
    sql: `ALTER TABLE ${quotedTable(table)} MODIFY ${quotedName(name)} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT;`,
    risk: 'needs_staging',
    rollback: `ALTER TABLE ${quotedTable(table)} MODIFY ${quotedName(name)} ${type} NOT NULL AUTO_INCREMENT; while the values still fit`,
  };
}

/** The largest MAXVALUE that a sequence takes, exact where a double is not. */
const longestSequence = '9223372036854775806';

function longerSequence(sequence: string, most: number): Recommendation {
  if (most >= 9.2e18) {
    return {
      action: 'The sequence has the largest maximum there is: let it begin anew where the old numbers are free',
      sql: `ALTER SEQUENCE ${quotedTable(sequence)} CYCLE;`,
      risk: 'needs_staging',
      rollback: `ALTER SEQUENCE ${quotedTable(sequence)} NOCYCLE;`,
    };
  }
  return {
    action: 'Give the sequence a larger maximum, where its readers can hold it',
    sql: `ALTER SEQUENCE ${quotedTable(sequence)} MAXVALUE ${longestSequence};`,
    risk: 'needs_staging',
    rollback: `ALTER SEQUENCE ${quotedTable(sequence)} MAXVALUE ${most};`,
  };
}
