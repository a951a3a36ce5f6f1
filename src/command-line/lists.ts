import { agents } from '../agents/registry.ts';
import { loadConfig } from '../config.ts';
import { createTargetRegistry } from '../targets/registry.ts';
import { describeAddress } from '../targets/target.ts';
import { commonOptions, parseFlags, type Terminal, text } from './options.ts';

/** `dbcheck agents`: the registry, for people or as JSON. */
export async function listAgents(argv: readonly string[], terminal: Terminal): Promise<number> {
  const values = parseFlags(argv, commonOptions);
  if (values['json']) {
    const entries = agents.map(({ name, tool, title, description, useCases, checks, parameters }) => {
      return { name, tool, title, description, useCases, checks, parameters: Object.keys(parameters.shape) };
    });
    terminal.out(`${JSON.stringify(entries)}\n`);
    return 0;
  }
  for (const agent of agents) {
    const flags = Object.keys(agent.parameters.shape).map((name) => `--${name.replaceAll('_', '-')}`);
    terminal.out(`${agent.name} (${agent.tool}): ${agent.description}\n`);
    for (const line of agent.checks) terminal.out(`    ${line}\n`);
    if (flags.length > 0) terminal.out(`  parameters: ${flags.join(' ')}\n`);
    terminal.out(`  ask: ${agent.useCases.map((question) => `"${question}"`).join(', ')}\n`);
  }
  return 0;
}

/** `dbcheck targets`: the configured servers; no password is ever printed. */
export async function listTargets(argv: readonly string[], terminal: Terminal): Promise<number> {
  const values = parseFlags(argv, commonOptions);
  const { targets } = createTargetRegistry(loadConfig(text(values, 'config')));
  if (values['json']) {
    const entries = targets.map(({ name, host, port, socket, user, tls, tags, replicas }) => {
      return { name, host, port, socket, user, tls, tags, replicas };
    });
    terminal.out(`${JSON.stringify(entries)}\n`);
    return 0;
  }
  for (const target of targets) {
    const replicas = target.replicas.length > 0 ? `, replicas ${target.replicas.join(', ')}` : '';
    const tags = target.tags.length > 0 ? ` [${target.tags.join(', ')}]` : '';
    terminal.out(`${target.name}: ${target.user}@${describeAddress(target)}, TLS ${target.tls}${replicas}${tags}\n`);
  }
  return 0;
}
