import type { App } from '@slack/bolt';
import { stepInputs } from '../steps/step.ts';
import type { StepDesk } from '../steps/step-desk.ts';
import type { Desk } from '../turns/desk.ts';

/** The step "Check a database" of people's workflows. It is stored before it is acknowledged, so that Slack's retries are one. */
export function registerWorkflowStep(app: App, desk: Desk, steps: StepDesk): void {
  const { log, targets } = desk.parts;

  app.function('check_database', { autoAcknowledge: false }, async ({ event, body, inputs, ack, fail }) => {
    const read = stepInputs.safeParse(withoutEmpty(inputs));
    const wrong = read.success
      ? unknownTarget(read.data.target)
      : read.error.issues.map(({ message }) => message).join(' ');
    if (!read.success || wrong !== undefined) {
      await ack();
      await fail({ error: String(wrong) }).catch((error: unknown) => log.warn({ err: error }, 'a step was not ended'));
      return;
    }
    const { question: text, target, channel = '' } = read.data;
    const { function_execution_id: executionId } = event;
    const id = `step ${executionId}`;
    const chosen = target === undefined ? {} : { defaultTarget: target };
    const question = { team: body.team_id, channel, text, fresh: true, step: { executionId }, ...chosen };
    const isNew = await desk.take(id, question);
    await ack();
    if (isNew) steps.begin(id, { ...question, takenAtMs: Date.now(), begun: 0 });
  });

  function unknownTarget(name: string | undefined): string | undefined {
    if (name === undefined || targets.some((target) => target.name === name)) return undefined;
    return `There is no target "${name}".`;
  }
}

/** What the author left empty was not given. */
function withoutEmpty(inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== '' && value !== null));
}
