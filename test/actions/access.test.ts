import { describe, expect, it } from 'vitest';
import { createAccess, type Directory } from '../../src/actions/access.ts';
import { type AccessSettings, accessSettings, type Right, rights } from '../../src/actions/access-settings.ts';
import { parseConfig } from '../../src/config.ts';

const targets = [
  { name: 'orders-prod', tags: ['prod', 'orders'] },
  { name: 'billing-prod', tags: ['prod'] },
  { name: 'orders-test', tags: ['test'] },
];

/** A workspace with one group and one named channel; groups can lose people, and Slack can be away. */
function workspace() {
  const state = { dbas: new Set(['U0ADA00001']), isAway: false, freshLooks: 0 };
  const directory: Directory = {
    async membersOf(group, { fresh = false } = {}) {
      if (state.isAway) throw new Error('ratelimited');
      if (fresh) state.freshLooks++;
      return ['S0DBA00001', 'dba'].includes(group.replace('@', '')) ? state.dbas : new Set();
    },
    async nameOf(channel) {
      if (state.isAway) throw new Error('ratelimited');
      return channel === 'C0INCIDENT' ? 'incidents' : channel === 'C0DBA00001' ? 'dba' : undefined;
    },
    isWorkspaceAdministrator: async (user) => user === 'U0ADA00001',
  };
  return { state, directory };
}

function accessBy(settings: unknown, directory = workspace().directory) {
  const parsed: AccessSettings = accessSettings.parse(settings);
  return createAccess({ settings: () => parsed, targets: () => targets, directory });
}

const everywhere = { channels: ['*'], may: [...rights] };
const everybody = { users: ['*'], may: [...rights] };

describe('access', () => {
  it('without rules everybody may ask everywhere and nobody may act', async () => {
    const permissions = await accessBy({}).permissions('U0BEN00001', 'C0INCIDENT');
    const allowed = rights.filter((right) => permissions.may(right, 'orders-prod'));
    expect(allowed).toEqual(['ask', 'fleet', 'inspect', 'schedule']);
  });

  it('to act needs a rule of the channel and one of the person', async () => {
    const may = async (settings: unknown) =>
      (await accessBy(settings).permissions('U0BEN00001', 'C0INCIDENT')).may('act', 'orders-prod');
    expect(await may({ channels: [everywhere] })).toBe(false);
    expect(await may({ people: [everybody] })).toBe(false);
    expect(await may({ channels: [everywhere], people: [everybody] })).toBe(true);
  });

  it.each<[string, unknown, string, boolean]>([
    ['a channel by id', ['C0INCIDENT'], 'C0INCIDENT', true],
    ['a channel by name', ['incidents'], 'C0INCIDENT', true],
    ['a channel by name with its hash', ['#incidents'], 'C0INCIDENT', true],
    ['another channel', ['#incidents'], 'C0DBA00001', false],
    ['direct messages', ['direct'], 'D0ADA00001', true],
    ['a channel that is no direct message', ['direct'], 'C0INCIDENT', false],
    ['a direct message by a channel name', ['incidents'], 'D0ADA00001', false],
  ])('a rule is for %s', async (_, channels, channel, expected) => {
    const access = accessBy({ channels: [{ channels, may: ['ask'] }] });
    expect((await access.permissions('U0BEN00001', channel)).may('ask', 'orders-prod')).toBe(expected);
  });

  it.each<[string, object, string, string[]]>([
    ['by name', { targets: ['orders-prod'] }, 'orders-prod', ['orders-prod']],
    ['by tag', { tags: ['prod'] }, 'orders-prod', ['orders-prod', 'billing-prod']],
    ['by name or tag', { targets: ['orders-test'], tags: ['orders'] }, 'x', ['orders-prod', 'orders-test']],
    ['by star', { targets: ['*'] }, 'x', ['orders-prod', 'billing-prod', 'orders-test']],
    ['without a word about targets', {}, 'x', ['orders-prod', 'billing-prod', 'orders-test']],
  ])('a rule is about targets %s', async (_, about, __, expected) => {
    const access = accessBy({ people: [{ users: ['U0BEN00001'], may: ['ask'], ...about }] });
    const permissions = await access.permissions('U0BEN00001', 'C0INCIDENT');
    const allowed = targets.map(({ name }) => name).filter((name) => permissions.may('ask', name));
    expect(allowed.toSorted()).toEqual(expected.toSorted());
  });

  it('the right of a group ends with the membership, and a decision can ask anew', async () => {
    const { state, directory } = workspace();
    const access = accessBy({ channels: [everywhere], people: [{ userGroups: ['@dba'], may: ['act'] }] }, directory);
    expect(await access.refusal('U0ADA00001', 'C0INCIDENT', 'act', 'orders-prod', { fresh: true })).toBeUndefined();
    state.dbas.delete('U0ADA00001');
    expect(await access.refusal('U0ADA00001', 'C0INCIDENT', 'act', 'orders-prod', { fresh: true })).toBe(
      'You may not act on orders-prod here: no rule for you allows it.',
    );
    expect(state.freshLooks).toBe(2);
  });

  it('what Slack cannot tell does not allow', async () => {
    const { state, directory } = workspace();
    state.isAway = true;
    const settings = {
      channels: [{ channels: ['incidents'], may: ['ask'] }],
      people: [{ userGroups: ['dba'], may: ['ask'] }],
    };
    const access = accessBy(settings, directory);
    expect(await access.refusal('U0ADA00001', 'C0INCIDENT', 'ask', 'orders-prod')).toBe(
      'You may not ask about orders-prod here: no rule for this channel and none for you allows it.',
    );
  });

  it('nobody in person has only what everybody has', async () => {
    const named = accessBy({ people: [{ users: ['U0ADA00001'], may: ['ask'] }] });
    expect((await named.permissions(undefined, 'C0INCIDENT')).may('ask', 'orders-prod')).toBe(false);
    const open = accessBy({ people: [{ users: ['*'], may: ['ask'] }] });
    expect((await open.permissions(undefined, 'C0INCIDENT')).may('ask', 'orders-prod')).toBe(true);
  });

  it('allows nothing about a target that is not configured', async () => {
    const access = accessBy({ channels: [everywhere], people: [everybody] });
    const permissions = await access.permissions('U0ADA00001', 'C0INCIDENT');
    expect(rights.filter((right: Right) => permissions.may(right, 'unknown'))).toEqual([]);
  });

  it('administrators are those of the configuration, and those of the workspace where it names none', async () => {
    expect(await accessBy({}).isAdministrator('U0ADA00001')).toBe(true);
    expect(await accessBy({}).isAdministrator('U0BEN00001')).toBe(false);
    const named = accessBy({ administrators: { users: ['U0BEN00001'] } });
    expect(await named.isAdministrator('U0ADA00001')).toBe(false);
    expect(await named.isAdministrator('U0BEN00001')).toBe(true);
  });

  it('a channel shared with strangers is allowed by its own name only', async () => {
    const access = accessBy({ sharedChannels: ['*', 'direct', '#incidents'] });
    expect(await access.isSharedAllowed('C0INCIDENT')).toBe(true);
    expect(await access.isSharedAllowed('C0DBA00001')).toBe(false);
  });
});

describe('access rules in dbcheck.yml', () => {
  const file = (access: string) =>
    `targets:\n  - { name: orders-prod, socket: /s, user: dbcheck, tags: [prod] }\naccess:\n${access}`;
  it.each([
    [
      '  people:\n    - { users: [U0ADA00001], targets: [orders-pord], may: [act] }',
      /line 5: access\.people\[0\].*"orders-pord" is no target/,
    ],
    [
      '  channels:\n    - { channels: [dba], tags: [prd], may: [act] }',
      /line 5: access\.channels\[0\].*no target of this file has the tag "prd"/,
    ],
    ['  people:\n    - { users: [ada], may: [act] }', /line 5: access\.people\[0\]\.users\[0\]: expected a user id/],
    ['  people:\n    - { may: [act] }', /line 5: access\.people\[0\]: expected users or userGroups/],
    ['  people:\n    - { users: [U0ADA00001], may: [kill] }', /line 5: access\.people\[0\]\.may\[0\]/],
  ])('a mistake is named with its line: %s', (access, expected) => {
    expect(() => parseConfig(file(access), 'dbcheck.yml', {})).toThrow(expected);
  });
});
