import type { Agent } from '../agents/agent.ts';
import { agents, findAgent } from '../agents/registry.ts';
import { callsFor } from '../orchestrator/orchestrator.ts';
import { nearestNames } from '../targets/registry.ts';
import { exitCode, failOnOf, showProgress } from './ask.ts';
import {
  commonOptions,
  parameterOptions,
  parameterValues,
  parseArguments,
  type Terminal,
  text,
  UsageError,
} from './options.ts';
import { openWorkplace } from './workplace.ts';

const options = {
  ...commonOptions,
  agents: { type: 'string' },
  'all-targets': { type: 'boolean' },
  tag: { type: 'string' },
  'fail-on': { type: 'string' },
  'error-log-path': { type: 'string' },
} as const;

/** `dbcheck check`: the named agents on the named targets, no planning. */
export async function check(argv: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(argv, { ...parameterOptions(agents), ...options });
  if (parsed.positionals.length > 0)
    throw new UsageError(`unexpected "${parsed.positionals[0]}"; see dbcheck check --help`);
  const chosen = agentsNamed(text(parsed.values, 'agents') ?? 'all');
  const params = parameterValues(chosen, parsed.values);
  const failOn = failOnOf(text(parsed.values, 'fail-on'));
  const workplace = await openWorkplace(parsed);
  try {
    const names = targetsNamed(parsed, workplace.targets.targets);
    const report = await workplace.orchestrator.check(
      {
        text: `check ${chosen.map(({ name }) => name).join(', ')}`,
        signal: terminal.signal,
        fresh: true,
        onProgress: showProgress(terminal),
      },
      callsFor(chosen, params),
      names,
    );
    terminal.out(parsed.values['json'] ? `${JSON.stringify(report)}\n` : `${report.text}\n`);
    return exitCode(report, failOn);
  } finally {
    await workplace.close();
  }
}

function agentsNamed(list: string): readonly Agent[] {
  if (list === 'all') return agents;
  return list.split(',').map((name) => {
    const found = findAgent(name.trim());
    if (found) return found;
    const near = nearestNames(
      name,
      agents.map((agent) => agent.name),
    );
    throw new UsageError(`--agents: there is no agent "${name.trim()}"; the nearest: ${near.join(', ')}`);
  });
}

function targetsNamed(
  { values }: { readonly values: Readonly<Record<string, unknown>> },
  targets: readonly { readonly name: string; readonly tags: readonly string[] }[],
): string[] {
  const all = targets.map(({ name }) => name);
  const tag = values['tag'];
  if (typeof tag === 'string') {
    const tagged = targets.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name);
    if (tagged.length === 0) throw new UsageError(`--tag: no target has the tag "${tag}"`);
    return tagged;
  }
  if (values['all-targets'] === true) return all;
  if (typeof values['target'] === 'string') return values['target'].split(',').map((name) => name.trim());
  if (all.length === 1) return all;
  throw new UsageError(`which target? --target ${all.join(' | ')}, or --all-targets`);
}
