import type { ActionsBlock, KnownBlock, PlanBlock } from '@slack/types';
import { stoppedReason } from '../../errors.ts';
import type { Progress } from '../../orchestrator/question.ts';
import type { AgentResult } from '../../report/report.ts';
import { button, buttons, heading, paragraph, words } from '../posting/blocks.ts';
import { clamp, escapeText, withoutControl } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';
import type { SlackMessage } from '../posting/posting.ts';
import { actionIds } from '../report/report-blocks.ts';

interface Line {
  readonly agent: string;
  readonly target: string;
  state: 'pending' | 'running' | 'done';
  result?: AgentResult;
}

/** A line of a plan. Slack's word for a task that is through is `complete`. */
export interface ProgressTask {
  readonly id: string;
  readonly title: string;
  readonly status: 'pending' | 'in_progress' | 'complete' | 'error';
  readonly output: string | undefined;
}

/** A plan takes 50 tasks; a fleet has more. */
const shownLines = 40;

export function stopButton(ref: string): ActionsBlock {
  return buttons(button(actionIds.stop, 'Stop', ref));
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

  /** How far it is, in words. */
  get title(): string {
    return this.#end ?? `Looking at ${this.#targets.join(', ')}: ${this.finished} of ${this.#lines.length} checks done`;
  }

  get finished(): number {
    return this.#lines.filter(({ state }) => state === 'done').length;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get ref(): string {
    return this.#ref;
  }

  /** What has been found so far, a line each, for a turn that ends early. */
  known(): string[] {
    return this.#lines.filter(({ state }) => state === 'done').map((line) => drawLine(line, this.#several));
  }

  /** The checks as the tasks of a plan, in the words of Slack's streams. */
  tasks(): ProgressTask[] {
    return this.#lines.slice(0, shownLines).map((line) => taskOf(line, this.#several, this.isOver));
  }

  /** As rich text, which every client shows. */
  draw(): SlackMessage {
    const lines = this.#lines.slice(0, shownLines).map((line) => drawLine(line, this.#several));
    const checks = lines.length > 0 ? [paragraph(words(lines.join('\n')))] : [];
    return { text: escapeText(this.title), blocks: [heading(this.title), ...checks, ...this.#stopButton()] };
  }

  /** As a plan, which looks like the stream did. */
  drawPlan(): SlackMessage {
    const tasks = this.tasks().map(({ id, title, status, output }) => ({
      task_id: id,
      title,
      status,
      ...(output ? { output: paragraph(words(output)) } : {}),
    }));
    const title = clamp(withoutControl(this.title), limits.taskText);
    const plan = { type: 'plan', title, tasks } as PlanBlock;
    return { text: escapeText(this.title), blocks: [plan, ...this.#stopButton()] };
  }

  #stopButton(): KnownBlock[] {
    return this.isOver ? [] : [stopButton(this.#ref)];
  }

  get #several(): boolean {
    return new Set(this.#lines.map(({ target }) => target)).size > 1;
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

function nameOf({ agent, target }: Line, several: boolean): string {
  return `${agent.replaceAll('_', ' ')}${several ? ` on ${target}` : ''}`;
}

function saidOf({ status, headline, reason }: AgentResult): string {
  const said = status === 'completed' ? (headline ?? '') : `${status.replaceAll('_', ' ')}: ${reason ?? ''}`;
  return clamp(withoutControl(said), limits.taskText);
}

function taskOf(line: Line, several: boolean, isOver: boolean): ProgressTask {
  const { state, result } = line;
  const isCut = result?.reason === stoppedReason;
  // A tick beside a check that was cut would say that it had looked.
  const failed = result ? isCut || ['failed', 'timed_out'].includes(result.status) : isOver;
  const done = result !== undefined;
  return {
    id: clamp(`${line.agent}@${line.target}`, limits.taskText),
    title: clamp(withoutControl(nameOf(line, several)), limits.taskText),
    status: failed ? 'error' : done ? 'complete' : state === 'running' ? 'in_progress' : 'pending',
    output: result ? saidOf(result) || undefined : isOver ? 'not finished' : undefined,
  };
}

function drawLine(line: Line, several: boolean): string {
  const name = nameOf(line, several);
  const { state, result } = line;
  if (!result) return state === 'running' ? `${marks.running} ${name} …` : `${marks.pending} ${name}`;
  const said = saidOf(result);
  return `${marks[result.status]} ${name}${said ? `: ${said}` : ''}`;
}
