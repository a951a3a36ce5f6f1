import { z } from 'zod';
import { accessSettings, strangersIn } from './actions/access-settings.ts';
import { actionSettings } from './actions/action.ts';
import { thresholdTable } from './agents/thresholds.ts';
import { alertSettings, channelId, strayRoutes } from './alerts/alert-settings.ts';
import { modelSettings } from './llm/budget-settings.ts';
import { summarySettings } from './schedules/summary-settings.ts';
import { watchSettings } from './watch/watch-settings.ts';

const thresholdOverrides = z
  .record(z.string(), z.number())
  .superRefine((overrides, context) => {
    for (const name of Object.keys(overrides)) {
      if (name in thresholdTable) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `is no threshold; the names stand in ${thresholdDocs}`,
      });
    }
  })
  .default({});
const thresholdDocs = 'docs/thresholds.md';

const account = z.strictObject({ user: z.string().min(1), password: z.string().optional() });

/** An entry of `targets`. */
export const targetSchema = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,64}$/, 'expected letters, digits, dot, dash or underscore, 64 at most'),
    host: z.string().min(1).optional(),
    socket: z.string().min(1).optional(),
    port: z.int().min(1).max(65_535).default(3_306),
    user: z.string().min(1),
    password: z.string().optional(),
    database: z.string().optional(),
    tls: z.enum(['required', 'preferred', 'off']).optional(),
    /** The certificate of whoever signed the server's, where that is nobody whom this machine trusts anyway. */
    tlsCa: z.string().optional(),
    tags: z.array(z.string()).default([]),
    replicas: z.array(z.string()).default([]),
    errorLog: z.string().optional(),
    slowLog: z.string().optional(),
    dataDirectory: z.string().optional(),
    backups: z
      .strictObject({
        kind: z.enum(['mariadb-backup', 'dump']),
        path: z.string().min(1),
        maxAgeHours: z.number().positive().default(26),
      })
      .optional(),
    extraPort: z.int().min(1).max(65_535).optional(),
    thresholds: thresholdOverrides,
    inspectSchemas: z.array(z.string()).default([]),
    /** The account of approved actions (CONNECTION ADMIN); never used to look. */
    action: account.optional(),
    /** The Slack channel that owns this target: alerts, and what dbcheck says unasked, go there. */
    channel: channelId.optional(),
    /** The service at MariaDB Cloud (SkySQL) whose archive holds the logs; needs SKYSQL_API_KEY. */
    serviceId: z
      .string()
      .regex(/^[\w-]{1,100}$/, 'expected the id of a service, such as dbpgf12345678')
      .optional(),
  })
  .refine((entry) => entry.host !== undefined || entry.socket !== undefined, 'expected host or socket')
  .refine((entry) => entry.host === undefined || entry.socket === undefined, 'expected host or socket, not both');

const storeSettings = z
  .strictObject({
    /** The file of the embedded store; not used with REDIS_URL. */
    path: z.string().min(1).default('dbcheck.db'),
    /** Days that a kind of record is kept, where its own time does not fit. */
    keepDays: z.record(z.string(), z.number().positive()).default({}),
  })
  .prefault({});

const slackSettings = z
  .strictObject({
    /** Socket Mode connections: with two, nothing is lost while Slack refreshes one. Slack allows ten an app. */
    connections: z.int().min(1).max(10).default(2),
    /** Seconds that running turns have to finish when the process is asked to stop. */
    finishSeconds: z.number().min(0).max(300).default(5),
  })
  .prefault({});

const operationsSettings = z
  .strictObject({
    /** Serves /healthz, /readyz and /metrics; PORT does the same in Socket Mode. */
    port: z.int().min(0).max(65_535).optional(),
    host: z.string().min(1).default('0.0.0.0'),
  })
  .prefault({});

/** What is kept of the servers' past, for trends, baselines, forecasts and "what changed". */
const historySettings = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Seconds between two looks at a server: one set of at most ten statements each. */
    everySeconds: z.number().min(10).max(3_600).default(60),
  })
  .prefault({});

const runSettings = z
  .strictObject({
    /** Seconds between the two samples that rates are made of. */
    windowSeconds: z.number().min(0.2).max(60).default(2),
    /** Each agent's deadline and the whole run's. */
    agentSeconds: z.number().positive().default(20),
    totalSeconds: z.number().positive().default(45),
    /** Agents at the same time, over all targets; they mostly wait, and each target has one connection whatever this is. */
    concurrency: z.int().min(1).max(1_000).default(200),
    cacheSeconds: z.number().min(0).default(300),
    /** The server ends a statement of ours after this time. */
    statementSeconds: z.number().positive().max(60).default(5),
  })
  .prefault({});

const redactionSettings = z
  .strictObject({
    /** Where addresses and host names are masked: nowhere, for the model only (it still speaks of them by marks), or for people too. */
    hosts: z.enum(['nowhere', 'model', 'everywhere']).default('model'),
  })
  .prefault({});

/** The whole of dbcheck.yml. Each section stands above; a new one is a line here. */
export const fileSchema = z
  .strictObject({
    targets: z
      .array(targetSchema)
      .min(1, 'expected at least one target')
      .superRefine((targets, context) => {
        const names = new Set<string>();
        for (const [index, { name, replicas }] of targets.entries()) {
          if (names.has(name))
            context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is used twice` });
          names.add(name);
          for (const [at, replica] of replicas.entries()) {
            if (targets.some((other) => other.name === replica)) continue;
            const message = `"${replica}" is no target of this file`;
            context.addIssue({ code: 'custom', path: [index, 'replicas', at], message });
          }
        }
      }),
    thresholds: thresholdOverrides,
    access: accessSettings,
    actions: actionSettings,
    alerts: alertSettings,
    model: modelSettings,
    store: storeSettings,
    slack: slackSettings,
    operations: operationsSettings,
    history: historySettings,
    watch: watchSettings,
    redaction: redactionSettings,
    summary: summarySettings,
    run: runSettings,
  })
  .superRefine(({ access, alerts, targets }, context) => {
    for (const { path, message } of strangersIn(access, targets))
      context.addIssue({ code: 'custom', path: ['access', ...path], message });
    for (const { path, message } of strayRoutes(alerts, targets))
      context.addIssue({ code: 'custom', path: ['alerts', ...path], message });
  });

/** How MariaDB Cloud (SkySQL) is asked for logs; from the environment. */
