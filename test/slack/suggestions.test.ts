import { afterEach, describe, expect, it } from 'vitest';
import { report } from '../support/reports.ts';
import { type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let bench: SlackBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const isReport = ({ text }: { readonly text: string }) => text.includes('🔴 Critical');
const suggestions = [{ question: 'Slow queries of the last hour on orders-prod' }, { question: 'Who uses them?' }];

describe('the buttons of next questions', () => {
  it('ask in the same thread, as whoever clicks, once a person', async () => {
    bench = await startSlackBench({ answer: () => report({ suggestions }) });
    const { workspace, asked } = bench;
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const told = await workspace.waitForReply(question, isReport);
    await workspace.user('ben').click(told, 'dbcheck:ask:0');
    await workspace.user('ben').click(told, 'dbcheck:ask:0');
    await workspace.waitFor(() => asked.length === 2 || undefined);
    expect(asked[1]).toMatchObject({ text: suggestions[0]?.question, asker: { user: workspace.user('ben').id } });
    expect(asked[1]?.conversation?.turns).toHaveLength(1);
    await workspace.waitForReply(question, ({ text }) => text.startsWith('Asked: Slow queries'));
    await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    expect(asked).toHaveLength(2);
  });

  it('of a report that is gone say so privately', async () => {
    bench = await startSlackBench({
      answer: () => report({ suggestions }),
      conversations: { load: async () => undefined, append: async (key) => ({ key, turns: [] }) },
    });
    const { workspace, asked } = bench;
    const question = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const told = await workspace.waitForReply(question, isReport);
    await workspace.user('ada').click(told, 'dbcheck:ask:1');
    await workspace.waitForEphemeral('ada', ({ text }) => text.includes('no longer known'));
    expect(asked).toHaveLength(1);
  });
});
