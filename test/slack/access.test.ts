import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import { auditKind } from '../../src/actions/audit.ts';
import { composeOrchestrator } from '../../src/bot.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { createDirectory } from '../../src/slack/directory.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import { answer, report } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

const targets = [
  { name: 'orders-prod', tags: ['prod'], socket: '/none', user: 'dbcheck' },
  { name: 'billing-prod', tags: ['prod'], socket: '/none', user: 'dbcheck' },
];

/** The bot with its real orchestrator on servers that are not there: what is refused never gets to them. */
async function bench(access: object, options: Partial<BenchOptions> = {}): Promise<SlackBench> {
  const file = parseConfig(JSON.stringify({ targets, access, run: { totalSeconds: 5 } }), 'test.yml', {});
  const { environment } = loadConfig(undefined, { DB_HOST: 'unused' });
  const registry = createTargetRegistry(file);
  open.push(registry);
  const orchestrator = composeOrchestrator({ ...file, path: undefined, environment }, registry, silentLog);
  const started = await startSlackBench({
    answer: (question) => orchestrator.ask(question),
    targets: registry.targets,
    access,
    workspace: { userGroups: [{ id: 'S0DBA00001', handle: 'dba', users: ['U0ADA00001'] }] },
    ...options,
  });
  open.push(started);
  return started;
}

async function audited({ store }: SlackBench) {
  return (await store.read(auditKind, 'all')).map(({ value }) => value);
}

const dbasOnly = { people: [{ userGroups: ['dba'], may: ['ask', 'fleet'] }] };

describe('a question that its person may not ask', () => {
  it.each([
    [
      'a mention',
      (b: SlackBench) => void b.workspace.user('ben').mention('incidents', 'who blocks whom on orders-prod?'),
    ],
    ['a direct message', (b: SlackBench) => void b.workspace.user('ben').direct('is orders-prod healthy?')],
    [
      'a command',
      (b: SlackBench) => void b.workspace.user('ben').slash('/dbcheck', 'is orders-prod healthy?', 'incidents'),
    ],
    [
      'a shortcut',
      (b: SlackBench) => {
        const alert = b.workspace.user('ada').message('incidents', 'orders-prod is slow');
        void b.workspace.user('ben').shortcut('check_message', alert);
      },
    ],
  ])('is refused unseen by the others and audited: %s', async (_, ask) => {
    const started = await bench(dbasOnly);
    ask(started);
    const said = await started.workspace.waitForEphemeral('ben', ({ text }) => text.includes('You may not'));
    expect(said.text).toBe('You may not ask about orders-prod here: no rule for you allows it.');
    expect(await audited(started)).toEqual([
      expect.objectContaining({ who: 'U0BEN00001', did: 'ask', target: 'orders-prod', result: 'refused' }),
    ]);
    expect(JSON.stringify(started.workspace.messages('incidents'))).not.toMatch(/You may not|cannot be reached/);
  });

  it('is refused where the channel has no rule for it, whoever asks', async () => {
    const started = await bench({ channels: [{ channels: ['dba'], may: ['ask'] }] });
    started.workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    const said = await started.workspace.waitForEphemeral('ada');
    expect(said.text).toContain('no rule for this channel allows it');
    const asked = started.workspace.user('ada').mention('dba', 'is orders-prod healthy?');
    const answer = await started.workspace.waitForReply(asked, ({ text }) => text.includes('orders-prod'), {
      timeoutMs: 20_000,
    });
    expect(answer.text).toContain('orders-prod');
    await started.workspace.waitFor(() => started.workspace.session(asked)?.status === 'active');
    expect(await audited(started)).toEqual([
      expect.objectContaining({ did: 'ask', result: 'refused' }),
      expect.objectContaining({ did: 'ask', target: 'orders-prod', result: 'done', thread: asked.ts }),
    ]);
  });

  it('is answered by who was in the group a minute ago while Slack does not tell', async () => {
    const started = await bench(dbasOnly, { answer: () => report() });
    const { workspace } = started;
    const directory = createDirectory(
      new WebClient(workspace.settings.botToken, { slackApiUrl: workspace.apiUrl }),
      silentLog,
    );
    expect(await directory.membersOf('dba', { fresh: true })).toEqual(new Set(['U0ADA00001']));
    workspace.trouble.fail('usergroups.users.list', 'internal_error', 2);
    await expect(directory.membersOf('dba', { fresh: true })).rejects.toThrow('internal_error');
    expect(await directory.membersOf('dba')).toEqual(new Set(['U0ADA00001']));
  });

  it('is refused as a whole where it is about several targets and only one may be asked about', async () => {
    const started = await bench({ people: [{ users: ['*'], targets: ['orders-prod'], may: ['ask', 'fleet'] }] });
    started.workspace.user('ben').mention('incidents', 'are orders-prod and billing-prod healthy?');
    const said = await started.workspace.waitForEphemeral('ben');
    expect(said.text).toBe('You may not ask about billing-prod here: no rule for you allows it.');
  });

  it('is refused where it is about several targets and the right to a fleet is missing', async () => {
    const started = await bench({ people: [{ users: ['*'], may: ['ask'] }] });
    started.workspace.user('ben').mention('incidents', 'are orders-prod and billing-prod healthy?');
    const said = await started.workspace.waitForEphemeral('ben');
    expect(said.text).toContain('You may not ask about orders-prod together with other targets here');
  });

  it('offers in the menu of targets only those that may be asked about', async () => {
    const rule = { userGroups: ['dba'], targets: ['billing-prod'], may: ['ask'] };
    const plan = { ...answer('Which target?', 'clarify').plan, missing: 'target' } as const;
    const asking = { ...answer('Which target?', 'clarify'), plan };
    const started = await bench({ people: [rule] }, { answer: () => asking });
    const { workspace } = started;
    const asked = workspace.user('ada').mention('incidents', 'is it healthy?');
    const menu = await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:target'));
    const offered = await workspace.user('ada').suggest(menu, 'dbcheck:target', 'prod');
    expect(offered.map(({ value }) => value)).toEqual(['billing-prod']);
    expect(await workspace.user('ben').suggest(menu, 'dbcheck:target', 'prod')).toEqual([]);
  });

  it('names to its person only the targets that they may ask about', async () => {
    const started = await bench({ people: [{ users: ['*'], targets: ['billing-prod'], may: ['ask'] }] });
    const asked = started.workspace.user('ben').mention('incidents', 'help');
    const help = await started.workspace.waitForReply(asked);
    expect(started.workspace.render([help])).toContain('billing-prod');
    expect(started.workspace.render([help])).not.toContain('orders-prod');
    await started.workspace.user('ben').openHome();
    const home = await started.workspace.waitForHome('ben');
    expect(JSON.stringify(home.source)).toContain('billing-prod');
    expect(JSON.stringify(home.source)).not.toContain('orders-prod');
  });
});

describe('a thread whose report its reader may not ask about', () => {
  it('answers no follow-up, shows no details and runs nothing again', async () => {
    const file = parseConfig(JSON.stringify({ targets }), 'test.yml', {});
    const registry = createTargetRegistry(file);
    open.push(registry);
    const { environment } = loadConfig(undefined, { DB_HOST: 'unused' });
    const real = composeOrchestrator({ ...file, path: undefined, environment }, registry, silentLog);
    const started = await bench(dbasOnly, {
      answer: (question, number) => (number === 1 ? report() : real.ask(question)),
    });
    const { workspace } = started;
    const asked = workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const shown = await workspace.waitForReply(asked, ({ text }) => text.includes('🔴 Critical'));
    const refusals = () =>
      workspace.ephemerals('ben').filter(({ text }) => text.includes('You may not ask about orders-prod'));

    workspace.user('ben').reply(asked, 'tell me more about the first one');
    await workspace.waitFor(() => refusals().length === 1);
    await workspace.user('ben').click(shown, 'Details');
    await workspace.waitFor(() => refusals().length === 2);
    await workspace.user('ben').click(shown, 'Re-check');
    await workspace.waitFor(() => refusals().length === 3);
    workspace.user('ben').reply(asked, 'make that 24 hours');
    await workspace.waitFor(() => refusals().length === 4);
    expect(workspace.thread('incidents', asked.ts).filter(({ botId }) => botId !== undefined)).toHaveLength(1);
    const refused = (await audited(started)).filter(({ result }) => result === 'refused');
    expect(refused.map(({ did, who }) => `${who} ${did}`)).toEqual(
      ['ask', 'details', 'ask', 'ask'].map((did) => `U0BEN00001 ${did}`),
    );
  });

  it('cannot be quoted from elsewhere when it lies in a private channel, not even with its own buttons forged', async () => {
    const started = await bench({}, { answer: () => report() });
    const { workspace } = started;
    const secret = workspace.user('ada').mention('dba-private', 'why is orders-prod slow?');
    const hidden = await workspace.waitForReply(secret, ({ text }) => text.includes('🔴 Critical'));
    const open = workspace.user('ben').mention('incidents', 'why is orders-prod slow?');
    const shown = await workspace.waitForReply(open, ({ text }) => text.includes('🔴 Critical'));
    const before = workspace.thread('incidents', open.ts).length;
    const stolen = /"value":"([^"]*dbcheck|[^"]*#0)"/.exec(JSON.stringify(hidden.blocks))?.[1] as string;
    expect(stolen).toContain('G0PRIVATE1');
    for (const button of ['Details', 'Re-check']) await workspace.user('ben').click(shown, button, { value: stolen });
    await workspace.waitFor(() => workspace.ephemerals('ben').length === 2);
    expect(workspace.thread('incidents', open.ts)).toHaveLength(before);
    expect((await audited(started)).filter(({ result }) => result === 'refused')).toHaveLength(2);
    await workspace.user('ben').openHome();
    expect(JSON.stringify((await workspace.waitForHome('ben')).source)).not.toContain('G0PRIVATE1');
  });
});

describe('a channel that is shared with another organisation', () => {
  it('is refused, and answered where the configuration names it', async () => {
    const refusing = await bench({}, { answer: () => report() });
    refusing.workspace.user('ada').mention('partner-shared', 'why is orders-prod slow?');
    const no = await refusing.workspace.waitForEphemeral('ada');
    expect(no.text).toContain('shared with other organisations');
    await refusing.workspace.user('ben').slash('/dbcheck', 'why is orders-prod slow?', 'partner-shared');
    await refusing.workspace.waitForEphemeral('ben', ({ text }) => text.includes('shared with other organisations'));
    expect(refusing.asked).toHaveLength(0);
    expect((await audited(refusing)).map(({ who, did, result }) => `${who} ${did} ${result}`)).toEqual([
      'U0ADA00001 ask refused',
      'U0BEN00001 ask refused',
    ]);

    const allowing = await bench({ sharedChannels: ['#partner-shared'] }, { answer: () => report() });
    const asked = allowing.workspace.user('ada').mention('partner-shared', 'why is orders-prod slow?');
    expect((await allowing.workspace.waitForReply(asked)).text).toContain('🔴 Critical');
  });
});

describe('the home page', () => {
  const withAction = [
    { name: 'orders-prod', tags: ['prod'], hasActionAccount: true },
    { name: 'billing-test', tags: [], hasActionAccount: true },
    { name: 'archive', tags: [], hasActionAccount: false },
  ];
  const people = [
    { users: ['*'], may: ['ask'] },
    { users: ['U0BEN00001'], may: ['act'] },
  ];

  it('says what its person may do', async () => {
    const { workspace } = await bench({ people }, { targets: withAction });
    await workspace.user('ben').openHome();
    const ben = JSON.stringify((await workspace.waitForHome('ben')).source);
    expect(ben).toContain('Ask about: orders-prod, billing-test, archive');
    expect(ben).toContain('after a confirmation, on: orders-prod (a second person confirms), billing-test');
    await workspace.user('cleo').openHome();
    const cleo = JSON.stringify((await workspace.waitForHome('cleo')).source);
    expect(cleo).not.toContain('Kill a query');
    expect(cleo).toContain('You may not change anything on a server');
  });

  it('has the switch that stops all actions for administrators, and for nobody else', async () => {
    const started = await bench({ people, administrators: { userGroups: ['dba'] } }, { targets: withAction });
    const { workspace } = started;
    await workspace.user('ada').openHome();
    const home = await workspace.waitForHome('ada');
    await workspace.user('ada').click(home, 'Stop all actions');
    await workspace.waitForHome('ada', ({ source }) => JSON.stringify(source).includes('Allow actions again'));
    await workspace.user('ben').openHome();
    const ben = await workspace.waitForHome('ben', ({ source }) =>
      JSON.stringify(source).includes('stopped all actions'),
    );
    expect(JSON.stringify(ben.source)).not.toContain('dbcheck:allow_actions');
    expect(await audited(started)).toEqual([{ who: 'U0ADA00001', did: 'stop_actions', result: 'done' }]);
  });

  it('refuses the switch to who was an administrator when the page was drawn, and audits it', async () => {
    const started = await bench({ administrators: { userGroups: ['dba'] } }, { targets: withAction });
    const { workspace } = started;
    await workspace.user('ada').openHome();
    const home = await workspace.waitForHome('ada');
    workspace.setUserGroup('S0DBA00001', []);
    await workspace.user('ada').click(home, 'Stop all actions');
    await workspace.waitForHome('ada', ({ source }) => !JSON.stringify(source).includes('Stop all actions'));
    expect(await audited(started)).toEqual([expect.objectContaining({ did: 'stop_actions', result: 'refused' })]);
  });
});

describe('the audit', () => {
  it('holds who asked, who stopped it, who looked at the details, and no word of the question', async () => {
    const started = await bench(
      {},
      {
        answer: async ({ signal, onProgress }, number) => {
          if (number > 1) return report();
          onProgress?.({ type: 'planned', plan: report().plan });
          await new Promise((resolve) => signal?.addEventListener('abort', resolve));
          return report({ question: "why is email = 'ada@example.com' slow?" });
        },
      },
    );
    const { workspace } = started;
    const asked = workspace.user('ada').mention('incidents', "why is email = 'ada@example.com' slow?");
    const list = await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:stop'));
    await workspace.user('ben').click(list, 'Stop');
    await workspace.waitFor(() => workspace.session(asked)?.status === 'active');
    const again = workspace.user('ada').reply(asked, 'again');
    const shown = await workspace.waitForReply(again, ({ text }) => text.includes('🔴 Critical'));
    await workspace.user('cleo').click(shown, 'Details');
    await workspace.waitForReply(shown, ({ text }) => text.startsWith('Details'));
    const entries = await audited(started);
    expect(entries.map(({ who, did, result }) => `${who} ${did} ${result}`)).toEqual(
      expect.arrayContaining(['U0BEN00001 stop done', 'U0ADA00001 ask done', 'U0CLEO0001 details done']),
    );
    expect(JSON.stringify(entries)).not.toContain('example.com');
  });
});
