import { z } from 'zod';

/** A Slack channel by its id: what is posted by itself must not go astray when a channel is renamed. */
export const channelId = z.string().regex(/^[CG][A-Z0-9]{5,}$/, 'expected the id of a channel, such as C0123ABCD');

/** As in Prometheus: the whole value must fit. Throws nothing; zod tells where the pattern is wrong. */
const pattern = z.string().refine(
  (text) => {
    try {
      new RegExp(`^(?:${text})$`);
      return true;
    } catch {
      return false;
    }
  },
  { error: 'is no regular expression' },
);

const route = z.strictObject({
  /** Labels and the regular expressions that their whole values must fit. */
  match: z.record(z.string(), pattern),
  target: z.string().exactOptional(),
  channel: channelId.exactOptional(),
});

/** The key `alerts` of dbcheck.yml: where alerts come in, who may send them, and which target and channel they are about. */
export const alertSettings = z
  .strictObject({
    /** Takes alerts on this port; none are taken where it is left out. 0 takes a free port. */
    port: z.int().min(0).max(65_535).exactOptional(),
    host: z.string().min(1).default('127.0.0.1'),
    /** What Alertmanager sends as its bearer token. */
    bearer: z.string().min(16, 'expected at least 16 characters').exactOptional(),
    /** What senders of plain JSON sign with. */
    secret: z.string().min(16, 'expected at least 16 characters').exactOptional(),
    /** Minutes in which an alert that comes again is counted and not looked into again. */
    coolDownMinutes: z.number().positive().max(1_440).default(15),
    /** Where alerts go that no route and no target has a channel for. */
    channel: channelId.exactOptional(),
    /** The first that fits counts. Without one, the labels target, instance, host and server are looked for among the targets. */
    routes: z.array(route).default([]),
  })
  .refine(
    ({ port, bearer, secret }) => port === undefined || bearer !== undefined || secret !== undefined,
    'expected bearer (Alertmanager) or secret (signed JSON): anybody could send alerts otherwise',
  )
  .prefault({});

export type AlertSettings = z.output<typeof alertSettings>;

/** Routes that name a target which the file does not have, as paths below `alerts` with what is wrong. */
export function strayRoutes(
  { routes }: AlertSettings,
  targets: readonly { readonly name: string }[],
): readonly { readonly path: readonly (string | number)[]; readonly message: string }[] {
  return routes.flatMap(({ target }, index) =>
    target === undefined || targets.some(({ name }) => name === target)
      ? []
      : [{ path: ['routes', index, 'target'], message: `"${target}" is no target of this file` }],
  );
}
