import type { Workspace } from '../workspace.ts';

/**
 * A thread as a person reads it in a terminal: every block type as text, tables in columns, buttons as `[Label]`.
 * With a viewer, also what only they see.
 */
export function renderThread(workspace: Workspace, channel: string, ts: string, viewer?: string): string {
  const { id } = workspace.channel(channel);
  const own = viewer === undefined ? [] : workspace.ephemerals(viewer);
  const inThread = own.filter((message) => message.channel === id && message.threadTs === ts);
  const all = [...workspace.thread(channel, ts), ...inThread].sort((one, other) => (one.ts < other.ts ? -1 : 1));
  return workspace.render(all);
}
