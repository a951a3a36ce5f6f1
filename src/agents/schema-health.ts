import { z } from 'zod';
import { judgeRepeatedIndexes, judgeUnusedIndexes } from '../judgements/indexes.ts';
import { judgeStaleStatistics } from '../judgements/stale-statistics.ts';
import { judgeTables } from '../judgements/tables.ts';
import { indexUse } from '../probes/index-use.ts';
import { dataOf, evidenceOf } from '../probes/probe.ts';
import { type Catalogue, schemaCatalogue } from '../probes/schema-catalogue.ts';
import { serverUptime } from '../probes/server-uptime.ts';
import { tableStatistics } from '../probes/table-statistics.ts';
import { counted } from '../report/units.ts';
import { splitTable } from '../sql/quote.ts';
import { isOn } from '../targets/server-facts.ts';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';

export const schemaHealth = defineAgent({
  name: 'schema_health',
  tool: 'analyze_schema_health',
  title: 'Schema',
  description: 'Keys, indexes, engines, character sets and auto-increment limits.',
  useCases: ['Unused indexes', 'Tables without a primary key', 'Duplicate indexes'],
  checks: [
    'tables without a primary or unique key; engines that are not crash-safe or lose rows',
    'duplicate and redundant indexes, never one that a foreign key needs; IGNORED as the safe trial',
    'unused indexes only where userstat has counted, with the time that it has',
    'duplicate foreign keys; character sets that keep a join from its index',
    'auto-increment columns and sequences that run out of numbers',
    'statistics that nobody refreshes and that count far more or fewer rows than there are',
  ],
  routing: [
    'index(es|ing|ed)?\\b',
    'indices',
    '\\bschema (health|change|design|review|issues?|problems?)',
    '\\bschemas?\\b',
    'primary keys?',
    '\\bpks?\\b',
    'foreign keys?',
    'auto.?inc(rement)?',
    '\\b((big|small|tiny|medium)int|varchar|(data|column) ?types?)\\b',
    'myisam|aria tables?|engines?\\b',
    'char(acter )?sets?|collations?|utf8',
    'tables? without',
    'sequences?\\b',
    '\\b(stale|old|outdated|wrong|bad) (\\w+ )?stat(istic)?s\\b|\\bstat(istic)?s .{0,25}\\b(stale|outdated|too old|wrong)\\b|analyze table',
    'partition',
    'índices?|indizes|clés? primaires?|primärschlüssel',
    'redundant',
    '\\b(int|integer|ids?|bigint)\\b.{0,25}(overflow|run(ning)? out|exhaust|limit|max)|\\bmax(imum)? (int(eger)?|id|bigint)\\b|\\b(ids?|keys?) .{0,20}(used up|exhaust)',
    '\\boverflow',
    'esquema|indices|indizes|clave primaria|chave primaria',
    '(every|all|which) tables? .{0,12}innodb|not innodb',
    'lack(s|ing)? (a |an )?(primary )?key|without (a |any )?(primary )?key|no (primary )?key',
    'tabelas sem|tablas sin|tables sans|tabellen ohne',
    'cles? (etrangeres?|primaires?)|fremdschlussel|claves? (foraneas?|primarias?)|chaves? (estrangeiras?|primarias?)',
    '\\bindi(zes|ces|ce)\\b|primarschlussel|fremdschlussel|cles? primaires?|cles? etrangeres?|claves? (primarias?|foraneas?)|chaves? primarias?',
    '\\bdata ?types?\\b|\\b(table|schema) (design|structure)|latin1|utf-?8(mb[34])?\\b|collations?|char(acter )?sets?',
  ],
  parameters: z.object({ schema: name().optional(), table: name().optional() }),
  instead: 'slow_query',
  async collect(collector) {
    const [catalogue, use, statistics, uptime] = await Promise.all([
      collector.read(schemaCatalogue, undefined, { essential: true }),
      collector.read(indexUse),
      collector.read(tableStatistics, undefined, { optional: true }),
      collector.read(serverUptime, undefined, { optional: true }),
    ]);
    return { catalogue, use, statistics, uptime, facts: collector.facts };
  },
  diagnose({ catalogue: reading, use, statistics, uptime, facts }, { params, thresholds }) {
    if (reading.status !== 'read') return { findings: [], headline: '' };
    const catalogue = filtered(reading.data, params.schema, params.table);
    const view = {
      catalogue,
      thresholds,
      canIgnore: facts.versionNumber >= 100_600,
      evidence: evidenceOf(reading, use),
    };
    const findings = [...judgeTables(view), ...judgeRepeatedIndexes(view)];
    if (statistics.status === 'read') {
      const recalculates = isOn(facts, 'innodb_stats_auto_recalc');
      const evidence = evidenceOf(reading, statistics);
      findings.push(...judgeStaleStatistics({ ...view, evidence, statistics: statistics.data, recalculates }));
    }
    if (use.status === 'read') {
      const repeated = new Set(findings.map(({ subject }) => subject));
      const unused = judgeUnusedIndexes(view, use.data, dataOf(uptime, [])[0]?.Value ?? 0);
      findings.push(...unused.filter(({ subject }) => !repeated.has(subject)));
    }
    return {
      findings,
      headline: `${counted(catalogue.tables.length, 'table')}, ${catalogue.indexes.length} ${catalogue.indexes.length === 1 ? 'index' : 'indexes'}`,
    };
  },
});

function filtered(catalogue: Catalogue, schema: string | undefined, table: string | undefined): Catalogue {
  const fits = (full: string) => {
    const name = splitTable(full);
    const inSchema = schema === undefined || name.schema?.toLowerCase() === schema.toLowerCase();
    const isTable =
      table === undefined ||
      full.toLowerCase() === table.toLowerCase() ||
      name.table.toLowerCase() === table.toLowerCase();
    return inSchema && isTable;
  };
  return {
    tables: catalogue.tables.filter(({ name: full }) => fits(full)),
    indexes: catalogue.indexes.filter(({ table: full }) => fits(full)),
    columns: catalogue.columns.filter(({ table: full }) => fits(full)),
    foreignKeys: catalogue.foreignKeys.filter(({ table: full }) => fits(full)),
    sequences: catalogue.sequences.filter(({ name: full }) => fits(full)),
  };
}
