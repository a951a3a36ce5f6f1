import { type AccessRule, type AccessSettings, type Right, workflowPerson } from './access-settings.ts';

/** What rules need to know of the workspace. Every call rejects where Slack cannot tell. */
export interface Directory {
  /** User ids of a group, by its id or handle. `fresh` asks anew, for decisions that must not rest on a minute ago. */
  membersOf(userGroup: string, options?: { readonly fresh?: boolean }): Promise<ReadonlySet<string>>;
  /** Without `#`; undefined for a channel without a name, such as direct messages. */
  nameOf(channel: string): Promise<string | undefined>;
  isWorkspaceAdministrator(user: string): Promise<boolean>;
}

/** Everything that one person may do in one channel, looked up once. */
export interface Permissions {
  may(right: Right, target: string): boolean;
  /** Why not, as a sentence for the person; undefined where it is allowed. */
  refusal(right: Right, target: string): string | undefined;
}

export interface LookOptions {
  readonly fresh?: boolean;
}

/**
 * Who may do what where. A rule of the channel and a rule of the person must both allow.
 * Where Slack cannot tell who is in a group or what a channel is called, the rules that ask for it do not allow.
 */
export interface Access {
  /** Why the person may not, as a sentence for them; undefined where they may. */
  refusal(
    user: string | undefined,
    channel: string,
    right: Right,
    target: string,
    options?: LookOptions,
  ): Promise<string | undefined>;
  /** The same for many rights and targets. `user` is undefined where nobody in person asks, such as an alert. */
  permissions(user: string | undefined, channel: string, options?: LookOptions): Promise<Permissions>;
  /** What a person's own rules allow, wherever a channel's rules allow it too. */
  personalPermissions(user: string): Promise<Permissions>;
  /** What a channel's rules allow to those whose own rules do. */
  channelPermissions(channel: string): Promise<Permissions>;
  isAdministrator(user: string): Promise<boolean>;
  /** Whether a channel is answered although it is shared with another organisation. */
  isSharedAllowed(channel: string): Promise<boolean>;
  /** Whether any channel is. */
  answersShared(): boolean;
}

export interface AccessParts {
  /** The rules as they are now: a changed configuration counts from the next question on. */
  readonly settings: () => AccessSettings;
  readonly targets: () => readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly directory: Directory;
}

/** What everybody may do where no rule stands; changing a server always needs rules that say so. */
const withoutRules: readonly AccessRule[] = [{ may: ['ask', 'fleet', 'inspect', 'schedule'] }];

const deeds: Readonly<Record<Right, (target: string) => string>> = {
  ask: (target) => `ask about ${target}`,
  fleet: (target) => `ask about ${target} together with other targets`,
  inspect: (target) => `have statements run on ${target}`,
  schedule: (target) => `schedule checks of ${target}`,
  act: (target) => `act on ${target}`,
};

export function createAccess({ settings, targets, directory }: AccessParts): Access {
  const sharedByName = () => settings().sharedChannels.filter((one) => one !== '*' && one !== 'direct');

  async function rulesOfChannel(channel: string): Promise<readonly AccessRule[]> {
    return keep(settings().channels, async (rule) => fitsChannel(rule.channels, channel));
  }

  async function rulesOfPerson(user: string | undefined, options?: LookOptions): Promise<readonly AccessRule[]> {
    const { people, channels } = settings();
    const isUnnamed = user === workflowPerson && people === undefined && channels !== undefined;
    return keep(isUnnamed ? [] : people, async (rule) => fitsPerson(rule, user, options));
  }

  async function fitsChannel(wanted: readonly string[], channel: string): Promise<boolean> {
    if (wanted.includes('*') || wanted.includes(channel)) return true;
    if (channel.startsWith('D')) return wanted.includes('direct');
    const names = wanted.filter((one) => !/^([CDG][A-Z0-9]+|direct)$/.test(one)).map((one) => one.replace(/^#/, ''));
    if (names.length === 0) return false;
    const name = await directory.nameOf(channel).catch(() => undefined);
    return name !== undefined && names.includes(name);
  }

  async function fitsPerson(
    { users, userGroups }: { readonly users: readonly string[]; readonly userGroups: readonly string[] },
    user: string | undefined,
    options?: LookOptions,
  ): Promise<boolean> {
    if (users.includes('*')) return user !== workflowPerson;
    if (user === undefined) return false;
    if (users.includes(user)) return true;
    const found = await Promise.all(
      userGroups.map((group) =>
        directory.membersOf(group, options).then(
          (members) => members.has(user),
          () => false,
        ),
      ),
    );
    return found.includes(true);
  }

  function allows(rules: readonly AccessRule[], right: Right, target: string): boolean {
    const tags = targets().find(({ name }) => name === target)?.tags;
    if (tags === undefined) return false;
    return rules.some((rule) => {
      if (!rule.may.includes(right)) return false;
      if (rule.targets === undefined && rule.tags === undefined) return true;
      const byName = rule.targets?.some((name) => name === '*' || name === target) ?? false;
      return byName || (rule.tags?.some((tag) => tags.includes(tag)) ?? false);
    });
  }

  function permissionsBy(
    sides: readonly { readonly of: string; readonly rules: readonly AccessRule[] }[],
  ): Permissions {
    const refusal = (right: Right, target: string): string | undefined => {
      const shut = sides.filter(({ rules }) => !allows(rules, right, target)).map(({ of }) => of);
      return shut.length === 0
        ? undefined
        : `You may not ${deeds[right](target)} here: no rule for ${shut.join(' and none for ')} allows it.`;
    };
    return { refusal, may: (right, target) => refusal(right, target) === undefined };
  }

  async function permissions(user: string | undefined, channel: string, options?: LookOptions): Promise<Permissions> {
    const [ofChannel, ofPerson] = await Promise.all([rulesOfChannel(channel), rulesOfPerson(user, options)]);
    return permissionsBy([
      { of: 'this channel', rules: ofChannel },
      { of: user === undefined ? 'everybody' : user === workflowPerson ? 'workflows' : 'you', rules: ofPerson },
    ]);
  }

  return {
    permissions,
    refusal: async (user, channel, right, target, options) =>
      (await permissions(user, channel, options)).refusal(right, target),
    personalPermissions: async (user) => permissionsBy([{ of: 'you', rules: await rulesOfPerson(user) }]),
    channelPermissions: async (channel) =>
      permissionsBy([{ of: 'this channel', rules: await rulesOfChannel(channel) }]),
    async isAdministrator(user) {
      const { administrators } = settings();
      if (administrators) return fitsPerson(administrators, user, { fresh: true });
      return directory.isWorkspaceAdministrator(user).catch(() => false);
    },
    answersShared: () => sharedByName().length > 0,
    isSharedAllowed: (channel) => {
      const named = sharedByName();
      return named.length === 0 ? Promise.resolve(false) : fitsChannel(named, channel);
    },
  };
}

async function keep<Rule extends AccessRule>(
  rules: readonly Rule[] | undefined,
  fits: (rule: Rule) => Promise<boolean>,
): Promise<readonly AccessRule[]> {
  if (rules === undefined) return withoutRules;
  const fitting = await Promise.all(rules.map(fits));
  return rules.filter((_, index) => fitting[index]);
}
