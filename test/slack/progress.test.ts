import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../lab/slack/nouns.ts';
import { createMemoryConversations } from '../../src/conversation/conversation.ts';
import type { Question } from '../../src/orchestrator/question.ts';
import type { Plan } from '../../src/report/report.ts';
import { answer, report, result } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const open: SlackBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

async function bench(options: BenchOptions): Promise<SlackBench> {
  const started = await startSlackBench(options);
  open.push(started);
  return started;
}

const plan: Plan = {
  kind: 'run',
  agents: [
    { agent: 'incident_triage', params: {} },
    { agent: 'running_query', params: {} },
  ],
  source: 'rules',
  targets: ['orders-prod'],
};

/** An orchestrator that goes one step further each time that the test says so. */
function stepwise() {
  const steps = [0, 1, 2].map(() => Promise.withResolvers<void>());
  return {
    step: (number: number) => steps[number]?.resolve(),
    async answer({ onProgress }: Question) {
      onProgress?.({ type: 'planned', plan });
      await steps[0]?.promise;
      onProgress?.({ type: 'agent_started', agent: 'incident_triage', target: 'orders-prod' });
      await steps[1]?.promise;
      const headline = 'locks and connections hurt';
      onProgress?.({ type: 'agent_finished', result: result('incident_triage', { headline }) });
      onProgress?.({ type: 'agent_started', agent: 'running_query', target: 'orders-prod' });
      await steps[2]?.promise;
      const status = 'failed';
      onProgress?.({ type: 'agent_finished', result: result('running_query', { status, reason: 'no answer' }) });
      return report({ results: [result('incident_triage'), result('running_query', { status, reason: 'no answer' })] });
    },
  };
}

function tasksOf(message: Message | undefined): string[] {
  const block = message?.blocks.find(({ type }) => type === 'plan');
  const tasks = (block?.['tasks'] ?? []) as { readonly title: string; readonly status: string }[];
  return tasks.map(({ title, status }) => `${title} ${status}`);
}

const hasStop = ({ blocks }: Message) => JSON.stringify(blocks).includes('dbcheck:stop');

describe('the checklist of a turn', () => {
  it('streams each agent from pending to done, ends without Stop, and the report comes as a reply of its own', async () => {
    const work = stepwise();
    const { workspace } = await bench({ answer: work.answer });
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const list = await workspace.waitForReply(
      question,
      (message) => message.stream?.state === 'streaming' && hasStop(message),
    );
    const now = () => workspace.message(list);
    expect(tasksOf(list)).toEqual(['incident triage pending', 'running query pending']);
    expect(hasStop(list)).toBe(true);
    expect(list.stream?.recipientUser).toBe(workspace.user('ada').id);
    expect(workspace.session(question)?.status).toBe('processing');

    work.step(0);
    await workspace.waitFor(() => tasksOf(now())[0] === 'incident triage in_progress');
    work.step(1);
    await workspace.waitFor(() => tasksOf(now())[1] === 'running query in_progress');
    expect(tasksOf(now())[0]).toBe('incident triage complete');
    work.step(2);

    const told = await workspace.waitForReply(list, ({ text }) => text.includes('Critical · orders-prod'));
    expect(told.ts > list.ts).toBe(true);
    const last = await workspace.waitFor(() => now()?.text.startsWith('Done: 1 of 2 checks') && now());
    expect(tasksOf(last)).toEqual(['incident triage complete', 'running query error']);
    expect(hasStop(last)).toBe(false);
    expect(last.stream).toBeUndefined();
    await workspace.waitFor(() => workspace.session(question)?.status === 'active');
  });

  it.each([
    ['is refused', 'chat.startStream'],
    ['breaks', 'chat.appendStream'],
  ])('goes by chat.update where the stream %s', async (_, method) => {
    const work = stepwise();
    const { workspace } = await bench({ answer: work.answer });
    workspace.trouble.fail(method, 'internal_error', 100);
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const list = await workspace.waitForReply(question);
    work.step(0);
    work.step(1);
    await workspace.waitFor(() => tasksOf(workspace.message(list))[1] === 'running query in_progress');
    work.step(2);
    await workspace.waitFor(() => workspace.message(list)?.text.startsWith('Done: 1 of 2 checks'));
    expect(workspace.calls('chat.update').length).toBeGreaterThan(0);
  });

  it('goes on by chat.update when Slack ends the stream, in the same message', async () => {
    const work = stepwise();
    const { workspace } = await bench({ answer: work.answer });
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const list = await workspace.waitForReply(
      question,
      (message) => message.stream?.state === 'streaming' && hasStop(message),
    );
    workspace.trouble.expireStreams();
    work.step(0);
    await workspace.waitFor(() => tasksOf(workspace.message(list))[0] === 'incident triage in_progress');
    expect(hasStop(workspace.message(list) as Message)).toBe(true);
    work.step(1);
    work.step(2);
    await workspace.waitFor(() => workspace.message(list)?.text.startsWith('Done: 1 of 2 checks'));
  });

  it('leaves the stream by itself before Slack would end it, and goes on by chat.update', async () => {
    const work = stepwise();
    const clock = { ms: 0 };
    const { workspace } = await bench({ answer: work.answer, now: () => clock.ms });
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const list = await workspace.waitForReply(question, (message) => message.stream?.state === 'streaming');
    work.step(0);
    await workspace.waitFor(() => tasksOf(workspace.message(list))[0] === 'incident triage in_progress');
    // Four minutes of Slack's five.
    clock.ms = 240_000;
    work.step(1);
    await workspace.waitFor(() => workspace.message(list)?.stream?.state !== 'streaming');
    await workspace.waitFor(() => tasksOf(workspace.message(list))[1] === 'running query in_progress');
    expect(workspace.calls('chat.stopStream').map(({ error }) => error)).toEqual([undefined]);
    expect(hasStop(workspace.message(list) as Message)).toBe(true);
    work.step(2);
    await workspace.waitFor(() => workspace.message(list)?.text.startsWith('Done: 1 of 2 checks'));
  });

  it('is drawn without a plan where Slack refuses that block', async () => {
    const work = stepwise();
    const { workspace } = await bench({ answer: work.answer });
    workspace.trouble.refuseBlockType('plan');
    workspace.trouble.fail('chat.startStream', 'unknown_method', 100);
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    for (const step of [0, 1, 2]) work.step(step);
    const list = await workspace.waitForReply(question, ({ text }) => text.startsWith('Done: 1 of 2 checks'));
    expect(workspace.render([list])).toContain('✗ running query: failed: no answer');
  });

  it('arrives whole though Slack asks for a pause, and the report does not wait for it', async () => {
    const work = stepwise();
    const { workspace } = await bench({ answer: work.answer });
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const list = await workspace.waitForReply(
      question,
      (message) => message.stream?.state === 'streaming' && hasStop(message),
    );
    workspace.trouble.rateLimit('chat.appendStream', 1, 1);
    workspace.trouble.rateLimit('chat.stopStream', 1, 1);
    workspace.trouble.rateLimit('chat.update', 1, 1);
    for (const step of [0, 1, 2]) work.step(step);
    await workspace.waitForReply(list, ({ text }) => text.includes('Critical · orders-prod'));
    expect(workspace.message(list)?.text).not.toContain('Done');
    await workspace.waitFor(() => workspace.message(list)?.text.startsWith('Done: 1 of 2 checks'));
    expect(tasksOf(workspace.message(list))).toEqual(['incident triage complete', 'running query error']);
  });
});

describe('Stop', () => {
  it.each(['button', 'native'] as const)(
    'by its %s ends a turn that hangs within 2 s and says what was known',
    async (way) => {
      const aborted = Promise.withResolvers<void>();
      const { workspace } = await bench({
        async answer({ onProgress, signal }) {
          onProgress?.({ type: 'planned', plan });
          const headline = '14 sessions wait';
          onProgress?.({ type: 'agent_finished', result: result('incident_triage', { headline }) });
          signal?.addEventListener('abort', () => aborted.resolve());
          return new Promise(() => {});
        },
      });
      const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
      const list = await workspace.waitForReply(question, hasStop);
      const pressedAt = performance.now();
      if (way === 'button') await workspace.user('ben').click(list, 'Stop');
      else await workspace.user('ada').stopSession(question);
      await aborted.promise;
      const said = await workspace.waitForReply(list, ({ text }) => text.startsWith('Stopped on request.'));
      expect(performance.now() - pressedAt).toBeLessThan(2_000);
      expect(said.text).toContain('incident triage: 14 sessions wait');
      await workspace.waitFor(() => !hasStop(workspace.message(list) as Message));
    },
  );

  it('of a turn that is over, or of an earlier one in the thread, stops nothing and says so privately', async () => {
    const second = Promise.withResolvers<void>();
    const { workspace, asked } = await bench({
      async answer({ onProgress }, number) {
        onProgress?.({ type: 'planned', plan });
        if (number > 1) await second.promise;
        return report();
      },
    });
    const ada = workspace.user('ada');
    const question = ada.mention('incidents', 'why is orders-prod slow?');
    const stale = await workspace.waitForReply(question, hasStop);
    await workspace.waitForReply(question, ({ text }) => text.includes('Critical'));
    ada.reply(question, 'again');
    await workspace.waitFor(() => asked.length === 2);
    await ada.click(stale, 'Stop');
    await workspace.waitForEphemeral('ada', ({ text }) => text.includes('Nothing is running'));
    expect(asked[1]?.signal?.aborted).toBe(false);
    second.resolve();
  });
});

describe('turns', () => {
  it('of two people in one thread follow each other, and the second is told that it waits', async () => {
    const first = Promise.withResolvers<void>();
    const { workspace, asked } = await bench({
      async answer({ text }, number) {
        if (number === 1) await first.promise;
        return answer(`heard: ${text}`);
      },
    });
    const question = workspace.user('ada').mention('incidents', 'one');
    await workspace.waitFor(() => asked.length === 1);
    const reply = workspace.user('ben').reply(question, 'two');
    await workspace.waitForReply(reply, ({ text }) => text.includes('this one is next'));
    expect(asked).toHaveLength(1);
    first.resolve();
    await workspace.waitForReply(reply, ({ text }) => text === 'heard: two');
    expect(asked[1]?.conversation?.turns[0]?.question).toBe('one');
  });

  it('that take long outlive the rotation of every connection, and what is said meanwhile is answered too', async () => {
    const go = Promise.withResolvers<void>();
    const { workspace } = await bench({
      async answer(_, number) {
        if (number === 1) await go.promise;
        return report();
      },
    });
    const long = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(workspace.trouble.dropSocket('refresh_requested')).toBe(2);
    const meanwhile = workspace.user('ben').mention('dba', 'is orders-prod healthy?');
    go.resolve();
    const isReport = ({ text }: { readonly text: string }) => text.includes('Critical · orders-prod');
    await workspace.waitForReply(long, isReport);
    await workspace.waitForReply(meanwhile, isReport, { timeoutMs: 20_000 });
  });

  it('that run when the process is told to stop are marked interrupted, and run again at a click after the restart', async () => {
    const conversations = createMemoryConversations();
    const before = await startSlackBench({
      conversations,
      answer({ onProgress }) {
        onProgress?.({ type: 'planned', plan });
        return new Promise(() => {});
      },
    });
    const { workspace } = before;
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const list = await workspace.waitForReply(question, hasStop);
    await before.app.stop();
    const note = await workspace.waitForReply(list, ({ text }) => text.startsWith('Interrupted'));
    expect(workspace.message(list)?.text).toMatch(/^Interrupted/);

    const after = await startSlackBench({ joins: workspace, conversations, answer: () => report() });
    await workspace.user('ben').click(note, 'Run again');
    await workspace.waitForReply(note, ({ text }) => text.includes('Critical · orders-prod'));
    expect(after.asked[0]).toMatchObject({ text: 'why is orders-prod slow?', fresh: true });
    await after.close();
    await workspace.close();
  });

  it('in a channel that the bot is removed from meanwhile end quietly, and others go on', async () => {
    const gone = Promise.withResolvers<void>();
    const { workspace, asked } = await bench({
      async answer(_, number) {
        if (number === 1) await gone.promise;
        return report();
      },
    });
    workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    await workspace.waitFor(() => asked.length === 1);
    workspace.removeBot('incidents');
    gone.resolve();
    const other = workspace.user('ben').mention('dba', 'is orders-prod healthy?');
    await workspace.waitForReply(other, ({ text }) => text.includes('Critical'));
    await workspace.waitForCall('chat.postMessage', ({ error }) => error === 'not_in_channel');
  });
});
