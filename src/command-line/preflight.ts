import { actionGap } from '../actions/preflight.ts';
import { agents } from '../agents/registry.ts';
import { silentLog } from '../log.ts';
import { createResultCache } from '../orchestrator/result-cache.ts';
import { createRunner } from '../orchestrator/run.ts';
import { commonOptions, parseArguments, type Terminal, text, UsageError } from './options.ts';
import { openWorkplace } from './workplace.ts';

/**
 * `dbcheck preflight`: lets every agent collect once and prints, per agent, what it cannot see and what would open it, and
 * whether the account of actions could act.
 * Exit 0 where nothing is missing on any target, 1 otherwise.
 */
export async function preflight(argv: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(argv, commonOptions);
  if (parsed.positionals.length > 0) throw new UsageError(`unexpected "${parsed.positionals[0]}"; see dbcheck --help`);
  const workplace = await openWorkplace(parsed);
  const wanted = text(parsed.values, 'target');
  const names = wanted === undefined ? workplace.targets.targets.map(({ name }) => name) : [wanted];
  let complete = true;
  const all: object[] = [];
  try {
    for (const target of names) {
      const runner = createRunner({
        targets: workplace.targets,
        settings: { ...workplace.config.run, windowSeconds: 0.2 },
        cache: createResultCache(0),
        log: silentLog,
        fresh: true,
        signal: terminal.signal,
        onProgress: () => {},
      });
      const outcomes = await runner.run(agents.map((agent) => ({ agent, target, params: {} })));
      runner.finish();
      const [first] = outcomes;
      if (first && outcomes.every(({ result }) => result.status === 'failed')) {
        complete = false;
        all.push({ target, error: first.result.reason });
        if (!parsed.values['json']) terminal.out(`${target}: ${first.result.reason}\n`);
        continue;
      }
      if (!parsed.values['json']) terminal.out(`${target}\n`);
      for (const { result, coverage } of outcomes) {
        if (coverage.length > 0 || result.status === 'failed') complete = false;
        all.push({ target, agent: result.agent, status: result.status, missing: coverage });
        if (parsed.values['json']) continue;
        const state =
          coverage.length > 0
            ? 'sees a part'
            : result.status === 'completed'
              ? 'sees all it needs'
              : (result.reason ?? result.status);
        terminal.out(`  ${result.agent}: ${state}\n`);
        for (const { summary, fix } of coverage) terminal.out(`    ${summary}\n      ${fix}\n`);
      }
      if (workplace.targets.get(target).hasActionAccount) {
        const gap = await actionGap(workplace.targets, target);
        if (gap) complete = false;
        all.push({ target, actions: gap ? 'impossible' : 'possible', missing: gap ? [gap] : [] });
        if (!parsed.values['json'])
          terminal.out(
            gap ? `  actions: ${gap.summary}\n      ${gap.fix}\n` : '  actions: may end sessions, after an approval\n',
          );
      }
    }
    if (parsed.values['json']) terminal.out(`${JSON.stringify(all)}\n`);
    return complete ? 0 : 1;
  } finally {
    await workplace.close();
  }
}
