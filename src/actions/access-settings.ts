import { z } from 'zod';

/** What a person may want to do with a target. `fleet` is asking about several targets at once. */
export const rights = ['ask', 'fleet', 'inspect', 'schedule', 'act'] as const;
export type Right = (typeof rights)[number];

/**
 * Who a workflow's step is in the rules. Slack does not say who started a workflow, and whom its author names is no proof:
 * anybody could be behind it, from whatever channel. So where there are rules, one must name it; "*" does not mean it.
 */
export const workflowPerson = 'workflow';

/** Ids stay when people rename themselves; names of people do not. */
const user = z
  .string()
  .regex(
    /^(\*|workflow|[UW][A-Z0-9]{5,})$/,
    'expected a user id such as U0123ABCD, "workflow" for workflow steps, or "*" for everybody',
  );
const userGroup = z
  .string()
  .regex(/^(S[A-Z0-9]{5,}|@?[a-z0-9][\w.-]*)$/, 'expected a user group: its id or its handle');
const channel = z
  .string()
  .regex(
    /^(\*|[CDG][A-Z0-9]{5,}|#?[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{N}_-]*)$/u,
    'expected a channel: its id, its name, "direct" for direct messages, or "*" for all of them',
  );

const about = {
  /** Names of targets, or `*`; with `tags`, either of the two fits. All targets where both are left out. */
  targets: z.array(z.string()).min(1).exactOptional(),
  tags: z.array(z.string()).min(1).exactOptional(),
  may: z.array(z.enum(rights)).min(1, 'expected at least one right'),
};

const channelRule = z.strictObject({ channels: z.array(channel).min(1), ...about });
const personRule = z
  .strictObject({ users: z.array(user).default([]), userGroups: z.array(userGroup).default([]), ...about })
  .refine(({ users, userGroups }) => users.length + userGroups.length > 0, 'expected users or userGroups');

/** The key `access` of dbcheck.yml: who may do what where. A rule of a channel and a rule of a person must both allow. */
export const accessSettings = z
  .strictObject({
    /** Who may stop all actions; the administrators of the Slack workspace where it is left out. */
    administrators: z
      .strictObject({ users: z.array(user).default([]), userGroups: z.array(userGroup).default([]) })
      .exactOptional(),
    /** Every channel that the bot was invited to may do everything but `act` where it is left out. */
    channels: z.array(channelRule).exactOptional(),
    /** Every person may do everything but `act` where it is left out. */
    people: z.array(personRule).exactOptional(),
    /** Channels that are shared with other organisations and are answered all the same. */
    sharedChannels: z.array(channel).default([]),
  })
  .prefault({});

export type AccessSettings = z.output<typeof accessSettings>;
export type AccessRule = Readonly<Pick<z.output<typeof channelRule>, 'targets' | 'tags' | 'may'>>;

/** What a rule names that no target has, as paths below `access` with what is wrong; a typing error must not open or shut a door. */
export function strangersIn(
  settings: AccessSettings,
  targets: readonly { readonly name: string; readonly tags: readonly string[] }[],
): readonly { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const names = new Set(['*', ...targets.map(({ name }) => name)]);
  const tags = new Set(targets.flatMap((target) => target.tags));
  return (['channels', 'people'] as const).flatMap((side) =>
    (settings[side] ?? []).flatMap((rule, at) => [
      ...(rule.targets ?? []).flatMap((name, index) =>
        names.has(name) ? [] : [{ path: [side, at, 'targets', index], message: `"${name}" is no target of this file` }],
      ),
      ...(rule.tags ?? []).flatMap((tag, index) =>
        tags.has(tag)
          ? []
          : [{ path: [side, at, 'tags', index], message: `no target of this file has the tag "${tag}"` }],
      ),
    ]),
  );
}
