import type { KnownBlock } from '@slack/types';
import type { Progress } from '../orchestrator/question.ts';
import type { AgentResult } from '../report/report.ts';
import { button, buttons, heading, paragraph, words } from './blocks.ts';
import { escapeText } from './escape.ts';
import { actionIds, type SlackMessage } from './report-blocks.ts';

interface Line {
  readonly agent: string;
  readonly target: string;
  state: 'pending' | 'running' | 'done';
  result?: AgentResult;
}

/** The state of a checklist of agents; feeds on progress events and draws itself as a message. */
export class Checklist {
  readonly #lines: Line[] = [];
  #targets: readonly string[] = [];
  #end: string | undefined;
  readonly #ref: string;

  constructor(ref: string) {
    this.#ref = ref;
  }

  take(event: Progress): void {
    if (event.type === 'planned') {
      this.#targets = event.plan.targets;
      for (const target of event.plan.targets) {
        for (const { agent } of event.plan.agents) this.#lines.push({ agent, target, state: 'pending' });
      }
    } else if (event.type === 'agent_started') {
      this.#line(event.agent, event.target).state = 'running';
    } else if (event.type === 'agent_finished') {
      const line = this.#line(event.result.agent, event.result.target);
      line.state = 'done';
      line.result = event.result;
    }
  }

  finish(words: string): void {
    this.#end = words;
  }

  draw(): SlackMessage {
    const done = this.#lines.filter(({ state }) => state === 'done').length;
    const title = this.#end ?? `Looking at ${this.#targets.join(', ')}: ${done} of ${this.#lines.length} checks done`;
    const several = new Set(this.#lines.map(({ target }) => target)).size > 1;
    const lines = this.#lines.slice(0, 40).map((line) => drawLine(line, several));
    const blocks: KnownBlock[] = [
      heading(title),
      ...(lines.length > 0 ? [paragraph(words(lines.join('\n')))] : []),
      ...(this.#end === undefined ? [buttons(button(actionIds.stop, 'Stop', this.#ref))] : []),
    ];
    return { text: escapeText(title), blocks };
  }

  #line(agent: string, target: string): Line {
    const known = this.#lines.find((line) => line.agent === agent && line.target === target);
    if (known) return known;
    const line: Line = { agent, target, state: 'pending' };
    this.#lines.push(line);
    return line;
  }
}

const marks = {
  pending: '○',
  running: '◔',
  completed: '✓',
  not_applicable: '–',
  failed: '✗',
  timed_out: '✗',
  skipped: '–',
} as const;

function drawLine({ agent, target, state, result }: Line, several: boolean): string {
  const name = `${agent.replaceAll('_', ' ')}${several ? ` on ${target}` : ''}`;
  if (state !== 'done' || !result)
    return `${marks[state === 'running' ? 'running' : 'pending']} ${name}${state === 'running' ? ' …' : ''}`;
  const said =
    result.status === 'completed'
      ? (result.headline ?? '')
      : `${result.status.replaceAll('_', ' ')}: ${result.reason ?? ''}`;
  return `${marks[result.status]} ${name}${said ? `: ${said.slice(0, 200)}` : ''}`;
}
