import { parseArgs } from 'node:util';
import { askByCheck, askByQuestion } from '../faults/ask.ts';
import { faults } from '../faults/registry.ts';
import { compareFiles } from './compare.ts';
import { benchCost, brokenLimits, costHeader, renderCost } from './cost.ts';
import { benchDigest, digestHeader, renderDigestRatios, renderDigestRow } from './digest.ts';
import { type DrillResult, drillHeader, drills, renderDrill, runDrill } from './drills.ts';
import { benchEvals, renderEvals } from './evals.ts';
import { benchFaults, renderScenario, renderTotals, scenarioHeader } from './faults.ts';
import { circumstances, figureHeader, holds, renderFigure } from './figure.ts';
import { benchFigures, sections } from './figures.ts';
import { benchLoad, loadSizes } from './load.ts';
import { benchVersions } from './versions.ts';

/** A benchmark prints as it goes and returns whether it held what it promises. */
type Bench = {
  readonly about: string;
  run(options: BenchOptions): Promise<boolean>;
};

type BenchOptions = {
  readonly only: readonly string[];
  readonly json: boolean;
  readonly ask: boolean;
  readonly gates: boolean;
};

const benches: Readonly<Record<string, Bench>> = {
  faults: {
    about:
      'break a server in every known way, ask, and score the reports (--only a,b or backup-*, --question, --gates)',
    async run({ only, json, ask, gates }) {
      if (!json) console.log(scenarioHeader);
      const result = await benchFaults({
        only,
        gatesOnly: gates,
        ask: ask ? askByQuestion : askByCheck,
        ...(json ? {} : { onScenario: (scenario) => console.log(renderScenario(scenario)) }),
      });
      if (json) print({ circumstances: circumstances(), ...result });
      else if (!gates) console.log(renderTotals(result.totals));
      if (gates) return result.scenarios.every((scenario) => scenario.error === undefined);
      const { strict, rootAtOne, falseAlarms, errors } = result.totals;
      return strict >= 0.95 && rootAtOne >= 0.95 && falseAlarms === 0 && errors === 0;
    },
  },
  cost: {
    about: 'what all agents take from a server of 205 and of 2,205 tables, beside MySQLTuner',
    async run({ json }) {
      if (!json) console.log(costHeader);
      const rows = await benchCost(json ? {} : { onRow: (row) => console.log(renderCost(row)) });
      if (json) print({ circumstances: circumstances(), rows });
      if (!rows.some((row) => row.tool !== 'dbcheck')) console.error('no peer: install the package mysqltuner');
      return rows.every((row) => brokenLimits(row).length === 0);
    },
  },
  digest: {
    about:
      'a generated slow log read by dbcheck digest, mariadb-dumpslow, pt-query-digest and a newline scan (--only MB)',
    async run({ json, only }) {
      if (!json) console.log(digestHeader);
      const result = await benchDigest({
        megabytes: Number(only[0] ?? 200),
        ...(json ? {} : { onRow: (row) => console.log(renderDigestRow(row)) }),
      });
      if (json) print({ circumstances: circumstances(), ...result });
      else console.log(renderDigestRatios(result));
      return result.holds;
    },
  },
  drills: {
    about:
      'the bot is killed, cut off, and robbed of a server, its Redis and its disk while 100 questions are asked; none is lost (--only kill,socket,server,redis,disk)',
    async run({ json, only }) {
      if (!json) console.log(drillHeader);
      const results: DrillResult[] = [];
      for (const drill of drills.filter(({ id }) => only.length === 0 || only.includes(id))) {
        const result = await runDrill(drill, 100);
        results.push(result);
        if (!json) console.log(renderDrill(result));
      }
      if (json) print({ circumstances: circumstances(), results });
      return results.every(({ lost, twice, withoutLastWord }) => lost + twice + withoutLastWord === 0);
    },
  },
  load: {
    about: '200 threads ask about 20 servers for a minute; answers a second with 1, 2 and 4 workers (--only SECONDS)',
    async run({ json, only }) {
      if (!json) console.log(figureHeader);
      const figures = await benchLoad(
        { ...loadSizes, ...(only[0] === undefined ? {} : { seconds: Number(only[0]) }) },
        (figure) => json || console.log(renderFigure(figure)),
      );
      if (json) print({ circumstances: circumstances(), figures });
      return figures.every((figure) => holds(figure) !== false);
    },
  },
  evals: {
    about:
      'where rules send a thousand questions, and what of a model that lies or obeys what it reads reaches a report',
    async run({ json }) {
      const result = await benchEvals();
      console.log(json ? JSON.stringify(result, undefined, 2) : renderEvals(result));
      return result.holds;
    },
  },
  versions: {
    about: 'the same busy server and quick faults on MariaDB 10.5, 10.11 and 11.8 (needs root for debootstrap)',
    async run({ json }) {
      const results = await benchVersions({
        onScenario: (series, result) => json || console.log(`${series.padEnd(6)} ${renderScenario(result)}`),
      });
      if (json) print({ circumstances: circumstances(), results });
      for (const { series, sections, lost } of json ? [] : results) {
        const full = Object.values(sections.rows).filter((rows) => rows > 0).length;
        console.log(`${series.padEnd(6)} ${full} sections with rows; lost: ${lost.join('; ') || 'nothing'}`);
      }
      return results.every(
        ({ lost, scenarios }) =>
          lost.length === 0 && scenarios.every((scenario) => (scenario.score?.strict ?? 0) >= 0.95),
      );
    },
  },
};

function print(result: object): void {
  console.log(JSON.stringify(result, undefined, 2));
}

const usage = [
  'npm run bench                        every figure beside its peer or floor; --file result.json keeps it',
  'npm run bench -- compare A B         two such files, ratio by ratio',
  ...Object.keys(sections).map((name) => `npm run bench -- ${name.padEnd(21)}that section alone`),
  ...Object.entries(benches).map(([id, { about }]) => `npm run bench -- ${id.padEnd(21)}${about}`),
].join('\n');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      file: { type: 'string' },
      question: { type: 'boolean', default: false },
      gates: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [name, ...rest] = positionals;
  if (values.help) {
    console.log(`${usage}\n\nfaults: ${faults.map((fault) => fault.id).join(' ')}`);
    return 0;
  }
  const only = values.only?.split(',').filter(Boolean) ?? [];
  if (name === 'compare') {
    const [before, after] = rest;
    if (before && after) return compareFiles(before, after) ? 0 : 1;
  } else if (name === undefined || (name in sections && !(name in benches))) {
    const { json, file } = values;
    return (await benchFigures(name === undefined ? only : [name], { json, file })) ? 0 : 1;
  }
  const bench = name === undefined ? undefined : benches[name];
  if (!bench) {
    console.error(usage);
    return 2;
  }
  const held = await bench.run({ only, json: values.json, ask: values.question, gates: values.gates });
  return held ? 0 : 1;
}

process.exitCode = await main();
