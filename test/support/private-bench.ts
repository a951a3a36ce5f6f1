import type { Message } from '../../lab/slack/nouns.ts';
import { readAudit } from '../../src/actions/audit.ts';
import { finding, report } from './reports.ts';
import { type BenchOptions, startSlackBench } from './slack-bench.ts';

export const isReport = ({ text }: Message) => text.includes('🔴 Critical');

export async function openPrivate(options: Partial<BenchOptions> = {}) {
  const bench = await startSlackBench({ answer: () => report({ findings: [finding('f1')] }), ...options });
  const { workspace, store } = bench;
  const direct = (user: string) => workspace.messages(workspace.directChannel(user).id);
  const inDirect = (user: string, fits = isReport) => workspace.waitFor(() => direct(user).find(fits));
  const inChannel = (channel: string, part: string) =>
    workspace.waitFor(() => workspace.messages(channel).find(({ text }) => text.includes(part)));
  const audited = async (did: string) => {
    const entries = [];
    for await (const { value } of readAudit(store, {})) if (value.did === did) entries.push(value);
    return entries;
  };
  const askPrivately = async (user = 'ada') => {
    await workspace.user(user).slash('/dbcheck', 'privately why is orders-prod slow?', 'incidents');
    return inDirect(user);
  };
  /** Clicks, picks a channel and sends. */
  const share = async (told: Message, channel: string, user = 'ada') => {
    await workspace.user(user).click(told, 'Share to channel');
    const view = await workspace.waitForModal(user);
    await workspace.user(user).submit(view, { channel: workspace.channel(channel).id });
    return view;
  };
  const refused = (part: string, user = 'ada') => workspace.waitForEphemeral(user, ({ text }) => text.includes(part));
  return { ...bench, direct, inDirect, inChannel, audited, askPrivately, share, refused };
}
