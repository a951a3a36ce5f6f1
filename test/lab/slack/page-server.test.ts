import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../../lab/slack/workspace.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.close());

describe('the server of the page', () => {
  it('refuses deeds that no page of its own can send', async () => {
    const act = `${workspace.pageUrl}act`;
    expect((await fetch(act, { method: 'POST', body: '{"do":"say"}' })).status).toBe(415);
    const headers = { 'Content-Type': 'application/json' };
    const unknown = await fetch(act, { method: 'POST', headers, body: '{"do":"fly","user":"U0ADA00001"}' });
    expect([unknown.status, await unknown.json()]).toEqual([
      409,
      { error: 'the page asked for something unknown: fly' },
    ]);
  });

  it('lets nothing but its own script run', async () => {
    const policy = (await fetch(workspace.pageUrl)).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect((await fetch(`${workspace.pageUrl}../nouns.ts`)).status).toBe(404);
    expect((await fetch(`${workspace.pageUrl}routes.ts`)).status).toBe(404);
  });
});
