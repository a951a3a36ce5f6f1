import type { Orchestrator } from '../../orchestrator/question.ts';
import type { Subcommand } from './subcommand.ts';

/** An orchestrator whose answer to "help" names what besides questions can be said in Slack. */
export function withCommandHelp(
  orchestrator: Orchestrator,
  commands: () => readonly Pick<Subcommand, 'help'>[],
): Orchestrator {
  return {
    async ask(question) {
      const report = await orchestrator.ask(question);
      if (report.plan.kind !== 'help') return report;
      const lines = ['privately QUESTION: the answer goes to you alone', ...commands().map(({ help }) => help)];
      return { ...report, text: `${report.text}\nBesides:\n${lines.map((line) => `• /dbcheck ${line}`).join('\n')}` };
    },
    check: (question, calls, names) => orchestrator.check(question, calls, names),
  };
}
