import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { agents } from '../src/agents/registry.ts';
import { thresholdTable } from '../src/agents/thresholds.ts';
import { helpText } from '../src/command-line/help.ts';
import { toolsFor } from '../src/orchestrator/prompts.ts';
import { causes } from '../src/report/causes.ts';

/** What an agent takes, with its default, as its schema says it. */
function parameterLines(agent: (typeof agents)[number]): string {
  const names = Object.entries(agent.parameters.shape as Record<string, z.ZodType>);
  const lines = names.map(([name, schema]) => {
    const fallback = schema.safeParse(undefined);
    return `\`${name}\`${fallback.success && fallback.data !== undefined ? ` = ${String(fallback.data)}` : ''}`;
  });
  return lines.length > 0 ? lines.join(', ') : 'none';
}

function agentPage(): string {
  const parts = agents.map((agent) =>
    [
      `## ${agent.title} (\`${agent.name}\`)`,
      '',
      `${agent.description} Tool name \`${agent.tool}\`. Parameters: ${parameterLines(agent)}.`,
      '',
      ...agent.checks.map((check) => `- ${check}`),
      '',
      `Ask: ${agent.useCases.map((question) => `"${question}"`).join(', ')}.`,
    ].join('\n'),
  );
  return `# The agents and what they check\n\nWritten from the registry by \`test/documentation.test.ts\`; \`npx vitest run test/documentation.test.ts -u\` renews it.\n\n${parts.join('\n\n')}\n`;
}

function thresholdPage(): string {
  const rows = Object.entries(thresholdTable).map(
    ([name, { value, unit, meaning, source }]) => `| \`${name}\` | ${value} ${unit} | ${meaning} | ${source} |`,
  );
  return `# Thresholds

Every limit that a judgement compares with. Override one for all targets under \`thresholds:\` at the top level of
dbcheck.yml, or for one target under its own \`thresholds:\`. Written from \`src/agents/thresholds.ts\`.

| name | value | meaning | source |
|---|---|---|---|
${rows.join('\n')}

# What causes what

Written from \`src/report/causes.ts\`. Two findings that no line connects are two root causes.

| cause | explains | because |
|---|---|---|
${causes.map(({ cause, effects, because }) => `| \`${cause}\` | ${effects.map((effect) => `\`${effect}\``).join(' ')} | ${because} |`).join('\n')}
`;
}

describe('the documentation', () => {
  it('lists what each agent checks, from the registry', async () => {
    await expect(agentPage()).toMatchFileSnapshot('../docs/agents.md');
  });

  it('lists every threshold and every rule of causation', async () => {
    await expect(thresholdPage()).toMatchFileSnapshot('../docs/thresholds.md');
  });
});

describe('an agent', () => {
  const files = readdirSync('src/agents').filter((file) =>
    readFileSync(`src/agents/${file}`, 'utf8').includes('= defineAgent({'),
  );

  it('is one file named after it, and one line of the registry', () => {
    expect(agents.map(({ name }) => `${name.replaceAll('_', '-')}.ts`).toSorted()).toEqual(files.toSorted());
  });

  it.each(agents.map((agent) => [agent.name, agent] as const))(
    '%s derives its help, its tool and its documentation',
    (name, agent) => {
      expect(helpText()).toContain(name);
      expect(toolsFor(agents).map((tool) => tool.name)).toContain(agent.tool);
      expect(agent.checks.length).toBeGreaterThan(0);
      expect(agent.useCases.length).toBeGreaterThan(0);
      expect(readFileSync('CONTRIBUTING.md', 'utf8')).toContain('src/agents/registry.ts');
    },
  );

  it.each(agents.map((agent) => [agent.name, agent] as const))('%s has a test of its own', (name) => {
    expect(readdirSync('test/agents')).toContain(`${name.replaceAll('_', '-')}.test.ts`);
  });

  it.each(agents.flatMap((agent) => (agent.instead ? [[agent.name, agent.instead] as const] : [])))(
    '%s names an agent that exists instead of it',
    (_, instead) => {
      expect(agents.map(({ name }) => name)).toContain(instead);
    },
  );
});
