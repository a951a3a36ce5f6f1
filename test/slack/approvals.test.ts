import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject, Message } from '../../lab/slack/nouns.ts';
import { createApprovals } from '../../src/actions/approval.ts';
import { silentLog } from '../../src/log.ts';
import { clickKind } from '../../src/slack/seen.ts';
import { createResilientStore } from '../../src/store/resilient-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import {
  type ActionBench,
  type ActionBenchOptions,
  blocker,
  blockerSeen,
  confirmButton,
  killButton,
  lockFinding,
  startActionBench,
} from '../support/action-bench.ts';
import { breakable } from '../support/breakable-store.ts';

const open: ActionBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

async function start(options: ActionBenchOptions = {}): Promise<ActionBench> {
  const bench = await startActionBench(options);
  open.push(bench);
  return bench;
}

/** The refusals that the audit holds, as `who did: why`. */
async function refusals(bench: ActionBench): Promise<string[]> {
  return (await bench.audited())
    .filter(({ result }) => result === 'refused')
    .map(({ who, did, why }) => `${who} ${did}: ${why}`);
}

const forgedWords = 'Nothing is known of that button here, and nothing was done.';
const noRight = 'You may not act on orders-prod here: no rule for you allows it.';
const minuteMs = 60_000;

function keyIn(offer: Message): string {
  return /"value":"([\w-]{24})"/.exec(JSON.stringify(offer.blocks))?.[1] as string;
}

describe('a button of an action', () => {
  it('carries an opaque key and nothing of what it would do', async () => {
    const bench = await start();
    const offer = await bench.offered();
    const values = [...JSON.stringify(offer.blocks).matchAll(/"value":"([^"]*)"/g)].map(([, value]) => value);
    expect(values).toEqual([expect.stringMatching(/^[\w-]{24}$/)]);
    const other = await bench.offered();
    expect(keyIn(other)).not.toBe(keyIn(offer));
  });

  it.each(['socket', 'http'] as const)(
    'over %s ends what was approved, once, and tells the thread whether it helped',
    async (transport) => {
      const bench = await start({ transport });
      const offer = await bench.offered();
      await bench.workspace.user('ben').submit(await bench.confirmable('ben', offer));
      const result = await bench.workspace.waitForReply(offer, ({ text }) => text.startsWith('Done'));
      expect(result.text).toBe(
        'Done: connection 8412 (app@10.2.3.4) on orders-prod was killed; ben asked. ' +
          'It helped: the 2 sessions that waited are through, and nobody waits for a lock any more.',
      );
      expect(bench.kills).toEqual([blocker]);
    },
  );

  it.each([
    ['a made-up one', () => 'AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a thread id', () => '8412'],
    ['an SQL text', () => "8412; DROP TABLE orders -- '"],
    ['nothing', () => ''],
  ])('is refused when its value is forged: %s', async (_, forge) => {
    const bench = await start();
    const offer = await bench.offered();
    await bench.workspace.user('ben').click(offer, killButton, { value: forge() });
    const said = await bench.workspace.waitForEphemeral('ben');
    expect(said.text).toBe(forgedWords);
    expect(await refusals(bench)).toEqual([`U0BEN00001 open: ${forgedWords}`]);
    expect(bench.kills).toEqual([]);
  });

  it('is refused when its modal is forged, or sent with the key of a thread of elsewhere', async () => {
    const bench = await start();
    const { workspace } = bench;
    const hidden = await bench.offered('dba-private');
    const offer = await bench.offered();
    await workspace.user('ben').submit(await bench.confirmable('ben', offer));
    await workspace.waitForReply(offer, ({ text }) => text.startsWith('Done'));
    const sent = workspace.deliveries.findLast(({ name }) => name === 'view_submission')?.payload as JsonObject;
    for (const key of ['AAAAAAAAAAAAAAAAAAAAAAAA', keyIn(hidden)]) {
      const view = { ...(sent['view'] as JsonObject), private_metadata: `${key} ${offer.channel} ${offer.threadTs}` };
      await workspace.sendInteraction({ ...sent, view });
    }
    await workspace.waitFor(() => workspace.ephemerals('ben').length === 2);
    expect(await refusals(bench)).toEqual([`U0BEN00001 request: ${forgedWords}`, `U0BEN00001 request: ${forgedWords}`]);
    expect(bench.kills).toHaveLength(1);
  });

  it('is refused in another thread than its own, and in another channel', async () => {
    const bench = await start();
    const hidden = await bench.offered('dba-private');
    const other = await bench.offered();
    const third = await bench.offered();
    await bench.workspace.user('ben').click(other, killButton, { value: keyIn(hidden) });
    await bench.workspace.user('ben').click(other, killButton, { value: keyIn(third) });
    await bench.workspace.waitFor(() => bench.workspace.ephemerals('ben').length === 2);
    expect(await refusals(bench)).toEqual([`U0BEN00001 open: ${forgedWords}`, `U0BEN00001 open: ${forgedWords}`]);
  });

  it('is refused when it has expired, and taken away', async () => {
    const bench = await start();
    const offer = await bench.offered();
    bench.clock.nowMs += 16 * minuteMs;
    await bench.workspace.user('ben').click(offer, killButton);
    const said = await bench.workspace.waitForEphemeral('ben');
    expect(said.text).toMatch(/^It has expired: it was valid until \d\d:\d\d UTC\. Re-check for a fresh one\.$/);
    expect(await refusals(bench)).toEqual([expect.stringContaining('U0BEN00001 open: It has expired')]);
    expect(bench.workspace.message(offer)?.blocks.some(({ type }) => type === 'actions')).toBe(false);
    await bench.workspace.waitForReply(offer, ({ text }) => text.includes('was refused to ben: It has expired'));
  });

  it('whose modal was open when it expired does nothing', async () => {
    const bench = await start();
    const offer = await bench.offered();
    const modal = await bench.confirmable('ben', offer);
    bench.clock.nowMs += 16 * minuteMs;
    await bench.workspace.user('ben').submit(modal);
    await bench.workspace.waitForEphemeral('ben', ({ text }) => text.includes('expired'));
    expect(bench.kills).toEqual([]);
  });

  it('is of no use to other people: refused to them alone, told in the thread once, and audited each time', async () => {
    const bench = await start();
    const offer = await bench.offered();
    await bench.workspace.user('cleo').click(offer, killButton);
    await bench.workspace.waitForEphemeral('cleo');
    await bench.workspace.user('cleo').click(offer, killButton);
    await bench.workspace.waitFor(() => bench.workspace.ephemerals('cleo').length === 2);
    expect(bench.workspace.ephemerals('cleo').map(({ text }) => text)).toEqual([noRight, noRight]);
    expect(await refusals(bench)).toEqual([`U0CLEO0001 open: ${noRight}`, `U0CLEO0001 open: ${noRight}`]);
    await bench.workspace.waitForReply(offer, ({ text }) => text.includes('refused to cleo'));
    expect(bench.said(offer).filter((text) => text.includes('refused to cleo'))).toHaveLength(1);
    expect(bench.workspace.views('cleo')).toEqual([]);
  });

  it('is refused to people of other organisations, whatever the rules say of them', async () => {
    const bench = await start({
      access: {
        channels: [{ channels: ['*'], may: ['ask', 'act'] }],
        people: [{ users: ['*'], may: ['ask', 'act'] }],
        sharedChannels: ['partner-shared'],
      },
      workspace: {
        users: [
          { id: 'U0ADA00001', name: 'ada' },
          { id: 'U0PAT00001', name: 'pat', teamId: 'T0PARTNER1' },
        ],
      },
    });
    const offer = await bench.offered('partner-shared');
    await bench.workspace.user('pat').click(offer, killButton);
    const said = await bench.workspace.waitForEphemeral('pat');
    expect(said.text).toBe('People of other organisations may not act on servers.');
  });

  it('is still good after a restart of the bot', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const first = await start({ store });
    const offer = await first.offered();
    await first.app.stop();
    const second = await start({ store, joins: first.workspace });
    await second.workspace.user('ben').submit(await second.confirmable('ben', offer));
    await second.workspace.waitForReply(offer, ({ text }) => text.startsWith('Done'));
    expect(second.kills).toEqual([blocker]);
    open.length = 0;
    await second.close();
    await first.workspace.close();
    await store.close();
  });

  it.each(['clicking', 'submitting'])('is refused to who lost the right before %s', async (when) => {
    const bench = await start();
    const offer = await bench.offered();
    const modal = when === 'submitting' ? await bench.confirmable('ben', offer) : undefined;
    bench.workspace.setUserGroup('S0DBA00001', ['U0ADA00001']);
    if (modal) await bench.workspace.user('ben').submit(modal);
    else await bench.workspace.user('ben').click(offer, killButton);
    const said = await bench.workspace.waitForEphemeral('ben');
    expect(said.text).toBe(noRight);
    expect(bench.kills).toEqual([]);
  });

  it('is refused when nobody can tell who is in the group', async () => {
    const bench = await start();
    const offer = await bench.offered();
    bench.workspace.trouble.fail('usergroups.users.list', 'internal_error', 5);
    await bench.workspace.user('ben').click(offer, killButton);
    expect((await bench.workspace.waitForEphemeral('ben')).text).toBe(noRight);
    bench.workspace.trouble.rateLimit('usergroups.users.list', 60, 5);
    await bench.workspace.user('ben').click(offer, killButton);
    await bench.workspace.waitFor(() => bench.workspace.ephemerals('ben').length === 2);
    expect(bench.kills).toEqual([]);
  });

  it('works once of two submissions at the same time, by one person or by two', async () => {
    const bench = await start();
    const offer = await bench.offered();
    const [mine, yours] = [await bench.confirmable('ada', offer), await bench.confirmable('ben', offer)];
    await Promise.all([bench.workspace.user('ada').submit(mine), bench.workspace.user('ben').submit(yours)]);
    await bench.workspace.waitForReply(offer, ({ text }) => text.startsWith('Done'));
    await bench.workspace.waitFor(() => bench.workspace.ephemerals().length === 1);
    expect(bench.kills).toHaveLength(1);
    expect(await refusals(bench)).toHaveLength(1);
  });

  it('is not moved by a submission or a click that is sent again', async () => {
    const bench = await start();
    const { workspace } = bench;
    const offer = await bench.offered();
    const modal = await bench.confirmable('ben', offer);
    await workspace.user('ben').submit(modal);
    await workspace.waitForReply(offer, ({ text }) => text.startsWith('Done'));
    for (const name of ['block_actions', 'view_submission']) {
      const sent = workspace.deliveries.findLast((delivery) => delivery.name === name);
      await workspace.sendInteraction(sent?.payload as Record<string, unknown>);
    }
    const said = await workspace.waitForEphemeral('ben');
    expect(said.text).toBe('It was done already: a button works once.');
    expect(bench.kills).toHaveLength(1);
  });

  it.each<[string, ActionBench['server']['sighting'], string]>([
    ['is gone', undefined, 'Thread 8412 is not connected any more: there is nothing to end.'],
    ['runs another statement', { ...blockerSeen, queryId: 77_900, seconds: 1 }, 'has gone on since it was judged'],
    ['belongs to somebody else by now', { ...blockerSeen, user: 'batch' }, 'has gone on since it was judged'],
    ['is a replication thread', { ...blockerSeen, user: 'system user', command: 'Slave_SQL' }, 'or to replication'],
    ['sends the binary log', { ...blockerSeen, user: 'replicator', command: 'Binlog Dump' }, 'or to replication'],
    ['is a session of dbcheck', { ...blockerSeen, isOurs: true }, 'a session of dbcheck itself'],
  ])('does nothing when the session %s, at the click and at the submission', async (_, sighting, words) => {
    for (const when of ['click', 'submission']) {
      const bench = await start();
      const offer = await bench.offered();
      const modal = when === 'submission' ? await bench.confirmable('ben', offer) : undefined;
      bench.server.sighting = sighting;
      if (modal) await bench.workspace.user('ben').submit(modal);
      else await bench.workspace.user('ben').click(offer, killButton);
      const said = await bench.workspace.waitForEphemeral('ben');
      expect(said.text).toContain(words);
      await bench.workspace.waitFor(() => bench.workspace.message(offer)?.text.startsWith('Not done'));
      expect(bench.kills).toEqual([]);
      expect(await refusals(bench)).toEqual([expect.stringContaining(words)]);
    }
  });

  it('is acknowledged at once and opens its modal while the server hangs', async () => {
    const bench = await start();
    const offer = await bench.offered();
    const late = Promise.withResolvers<void>();
    bench.server.look = () => late.promise;
    await bench.workspace.user('ben').click(offer, killButton);
    const waiting = await bench.workspace.waitForModal('ben');
    expect(JSON.stringify(waiting.source)).toContain('Looking at thread 8412 on orders-prod');
    expect(waiting.source['submit']).toBeUndefined();
    const [ack] = bench.workspace.ackLatencies().filter(({ name }) => name === 'block_actions');
    expect(ack?.afterMs).toBeLessThan(500);
    late.resolve();
    await bench.workspace.waitForModal('ben', ({ source }) => 'submit' in source);
  });

  it('is not held up where Slack wants no updates for a minute, and asks for another try where it opens no modal', async () => {
    const bench = await start();
    const offer = await bench.offered();
    bench.workspace.trouble.rateLimit('views.open', 60, 2);
    await bench.workspace.user('ben').click(offer, killButton);
    const said = await bench.workspace.waitForEphemeral('ben');
    expect(said.text).toContain('Nothing was done');
    bench.workspace.trouble.clear();
    const modal = await bench.confirmable('ben', offer);
    bench.workspace.trouble.rateLimit('chat.update', 60, 10);
    await bench.workspace.user('ben').submit(modal);
    await bench.workspace.waitForReply(offer, ({ text }) => text.startsWith('Done'));
    expect(bench.kills).toEqual([blocker]);
  });

  it('tells why where the kill fails, and audits it', async () => {
    const bench = await start();
    const offer = await bench.offered();
    bench.server.failure = new Error('driver words with secret SQL');
    await bench.workspace.user('ben').submit(await bench.confirmable('ben', offer));
    const result = await bench.workspace.waitForReply(offer, ({ text }) => text.startsWith('Not done'));
    expect(result.text).not.toContain('secret');
    expect((await bench.audited()).at(-1)).toMatchObject({ did: 'kill_connection', result: 'failed' });
  });

  it.each([
    ['was removed from the channel', (bench: ActionBench) => bench.workspace.removeBot('incidents')],
    ['finds the channel archived', (bench: ActionBench) => bench.workspace.setArchived('incidents', true)],
  ])('does nothing when the bot %s in the middle', async (_, disturb) => {
    const bench = await start();
    const offer = await bench.offered();
    const modal = await bench.confirmable('ben', offer);
    disturb(bench);
    await bench.workspace.user('ben').submit(modal);
    const audited = async () => (await bench.audited()).find(({ result }) => result === 'failed');
    for (let entry = await audited(); entry === undefined; entry = await audited()) await new Promise(setImmediate);
    expect(await audited()).toMatchObject({ why: 'dbcheck can no longer write in its channel' });
    expect(bench.kills).toEqual([]);
  });

  it('shows nothing live, whatever account and statement say', async () => {
    const host = '<!channel>:1';
    const user = '<@U0ADA00001> *x*';
    const evil = { ...blocker, user, host };
    const bench = await start({
      tags: ['prod'],
      findings: [lockFinding({ title: 'waits for <!here> & https://evil.example/x' }, evil)],
    });
    bench.server.sighting = { ...blockerSeen, user, host, statement: 'SELECT <!everyone> FROM `<!channel>`' };
    const offer = await bench.offered();
    await bench.requested('ada', offer);
    expect(bench.workspace.violations).toEqual([]);
  });
});

describe('on a target that is tagged prod', () => {
  const prod = { tags: ['prod'] };

  it('nothing happens until a second person confirms', async () => {
    const bench = await start(prod);
    const offer = await bench.offered();
    const ask = await bench.requested('ada', offer);
    expect(bench.kills).toEqual([]);
    expect(bench.workspace.session(offer)?.status).toBe('suspended');
    await bench.workspace.user('ben').click(ask, confirmButton);
    const result = await bench.workspace.waitForReply(ask, ({ text }) => text.startsWith('Done'));
    expect(result.text).toContain('ada asked, ben confirmed');
    expect((await bench.audited()).at(-1)).toMatchObject({
      who: 'U0BEN00001',
      did: 'kill_connection',
      result: 'done',
      about: { askedBy: 'U0ADA00001', confirmedBy: 'U0BEN00001', thread: 8_412, queryId: 77_001 },
    });
  });

  it.each<[string, string, string, (bench: ActionBench) => void]>([
    ['the first person', 'ada', 'somebody else must confirm', () => {}],
    ['somebody without the right', 'cleo', noRight, () => {}],
    ['a second person who lost the right', 'ben', noRight, ({ workspace }) => workspace.setUserGroup('S0DBA00001', [])],
    [
      'a second person who is late',
      'ben',
      'It has expired',
      ({ clock }) => {
        clock.nowMs += 11 * minuteMs;
      },
    ],
    [
      'a second person when the session is gone',
      'ben',
      'not connected any more',
      ({ server }) => {
        server.sighting = undefined;
      },
    ],
  ])('the confirmation of %s is refused and audited', async (_, user, words, change) => {
    const bench = await start(prod);
    const ask = await bench.requested('ada', await bench.offered());
    change(bench);
    await bench.workspace.user(user).click(ask, confirmButton);
    const said = await bench.workspace.waitForEphemeral(user, ({ text }) => text.includes(words));
    expect(said.text).toContain(words);
    expect(await refusals(bench)).toEqual([expect.stringMatching(`approve: .*${words}`)]);
    expect(bench.kills).toEqual([]);
  });

  it('a second person may decline, and then it is over', async () => {
    const bench = await start(prod);
    const ask = await bench.requested('ada', await bench.offered());
    await bench.workspace.user('ben').click(ask, 'Decline: leave thread 8412 alone');
    await bench.workspace.waitForReply(ask, ({ text }) => text.startsWith('Declined by ben'));
    await bench.workspace.user('ben').click(ask, confirmButton);
    const said = await bench.workspace.waitForEphemeral('ben');
    expect(said.text).toBe('That is over, and it was not done. Re-check for a fresh one.');
    expect(bench.kills).toEqual([]);
  });

  it('two confirmations at the same time end it once', async () => {
    const bench = await start(prod);
    bench.workspace.setUserGroup('S0DBA00001', ['U0ADA00001', 'U0BEN00001', 'U0CLEO0001']);
    const ask = await bench.requested('ada', await bench.offered());
    await Promise.all(['ben', 'cleo', 'ben'].map((user) => bench.workspace.user(user).click(ask, confirmButton)));
    await bench.workspace.waitForReply(ask, ({ text }) => text.startsWith('Done'));
    expect(bench.kills).toHaveLength(1);
  });
});

describe('the switch of the administrators', () => {
  it('ends offers, and refuses those that were made, at the click and at the submission', async () => {
    const bench = await start();
    const { workspace } = bench;
    const offer = await bench.offered();
    const modal = await bench.confirmable('ada', offer);
    await workspace.user('cleo').openHome();
    await workspace.user('cleo').click(await workspace.waitForHome('cleo'), 'Stop all actions');
    await workspace.waitForHome('cleo', ({ source }) => JSON.stringify(source).includes('Allow actions again'));
    const stopped = 'An administrator has stopped all actions.';
    await workspace.user('ben').click(offer, killButton);
    expect((await workspace.waitForEphemeral('ben')).text).toBe(stopped);
    await workspace.user('ada').submit(modal);
    expect((await workspace.waitForEphemeral('ada')).text).toBe(stopped);
    expect(bench.kills).toEqual([]);

    const asked = workspace.user('ada').mention('incidents', 'who blocks whom on orders-prod?');
    await workspace.waitForReply(asked);
    await workspace.waitFor(() => workspace.session(asked)?.status === 'active');
    expect(JSON.stringify(workspace.thread('incidents', asked.ts))).not.toContain('dbcheck:act');
  });
});

describe('nothing is offered', () => {
  it.each<[string, ActionBenchOptions, string]>([
    [
      'without an action account',
      { targets: [{ name: 'orders-prod', tags: [], hasActionAccount: false }] },
      'incidents',
    ],
    ['without a rule that lets the channel act', {}, 'dba'],
    ['for what is only possible', { findings: [lockFinding({ confidence: 'possible' })] }, 'incidents'],
    [
      'for an inferred holder among several',
      { findings: [lockFinding({ confidence: 'likely', facts: { couldAlsoBe: 'thread 9' } })] },
      'incidents',
    ],
    ['for information', { findings: [lockFinding({ severity: 'info' })] }, 'incidents'],
    ['for a finding that no session causes', { findings: [lockFinding({ code: 'conn.near_limit' })] }, 'incidents'],
  ])('%s', async (_, options, channel) => {
    const access = {
      channels: [
        { channels: ['*'], may: ['ask'] },
        { channels: ['incidents'], may: ['act'] },
      ],
      people: [{ users: ['*'], may: ['ask', 'act'] }],
    };
    const bench = await start({ access, ...options });
    const asked = bench.workspace.user('ada').mention(channel, 'who blocks whom on orders-prod?');
    await bench.workspace.waitForReply(asked);
    await bench.workspace.waitFor(() => bench.workspace.session(asked)?.status === 'active');
    expect(JSON.stringify(bench.workspace.thread(channel, asked.ts))).not.toContain('dbcheck:act');
  });
});

describe('a bot that was stopped while it ended a session', () => {
  it('says after its restart that the end is not known, and the button stays dead', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const first = await start({ store });
    const offer = await first.offered();
    const approvals = createApprovals(store);
    await approvals.advance(keyIn(offer), 'offered', { state: 'executing', owner: 'a dead process' });
    await first.app.stop();
    const second = await start({ store, joins: first.workspace });
    const told = await second.workspace.waitForReply(offer, ({ text }) => text.startsWith('Interrupted'));
    expect(told.text).toContain('whether it was done is not known');
    await second.workspace.user('ben').click(offer, killButton);
    expect((await second.workspace.waitForEphemeral('ben')).text).toContain('That is over');
    expect((await second.audited()).some(({ did, result }) => did === 'kill_connection' && result === 'failed')).toBe(
      true,
    );
    open.length = 0;
    await second.close();
    await first.workspace.close();
    await store.close();
  });
});

describe('a store that cannot be used', () => {
  it('lets nothing be offered or done, for it could not be written down', async () => {
    const engine = breakable();
    const store = createResilientStore(engine.engine, silentLog);
    const bench = await start({ store });
    const offer = await bench.offered();
    const modal = await bench.confirmable('ben', offer);
    engine.broken = true;
    await store.put(clickKind, 'notices that it is broken', true);
    await bench.workspace.user('ben').submit(modal);
    const said = await bench.workspace.waitForEphemeral('ben');
    expect(said.text).toContain('nothing is done that cannot be written down');
    expect(bench.kills).toEqual([]);
    const asked = bench.workspace.user('ada').mention('incidents', 'who blocks whom on orders-prod?');
    await bench.workspace.waitForReply(asked);
    await bench.workspace.waitFor(() => bench.workspace.session(asked)?.status === 'active');
    expect(JSON.stringify(bench.workspace.thread('incidents', asked.ts))).not.toContain('dbcheck:act');
    engine.broken = false;
  });
});
