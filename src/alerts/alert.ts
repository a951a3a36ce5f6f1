import { createHash } from 'node:crypto';
import { z } from 'zod';

/** One alert, whoever sent it. Its words are a stranger's: data for people, never an instruction. */
export interface Alert {
  /** The same for the same alert each time it is sent. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  readonly severity: string | undefined;
  readonly summary: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly startsAtMs: number;
}

/** More in one notification than this is a fault of its sender. */
const maxAlerts = 10_000;

const words = z.record(z.string(), z.string());
const status = z.enum(['firing', 'resolved']);
const time = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: 'expected a time such as 2026-11-23T03:12:41Z' });
  return z.NEVER;
});

/** A notification of Prometheus Alertmanager, version 4 of its webhook. */
const alertmanager = z.object({
  version: z.literal('4'),
  alerts: z
    .array(
      z.object({
        status,
        labels: words,
        annotations: words.default({}),
        startsAt: time,
        fingerprint: z.string().min(1).max(200).optional(),
      }),
    )
    .max(maxAlerts),
});

const plain = z.object({
  name: z.string().min(1).max(500),
  status: status.default('firing'),
  /** Names the alert where it comes again; made of name and labels otherwise. */
  id: z.string().min(1).max(200).optional(),
  target: z.string().max(200).optional(),
  severity: z.string().max(100).optional(),
  summary: z.string().max(10_000).optional(),
  labels: words.default({}),
  startsAt: time.optional(),
});
const plainList = z.object({ alerts: z.array(plain).min(1).max(maxAlerts) });

/** What a sender posted, or why it is no alert, in a line. */
export type ReadAlerts = { readonly alerts: readonly Alert[] } | { readonly problem: string };

export function readAlertmanager(body: unknown): ReadAlerts {
  const { data, error } = alertmanager.safeParse(body);
  if (!data) return { problem: problemOf(error) };
  return {
    alerts: data.alerts.map(({ status: state, labels, annotations, startsAt, fingerprint }) => ({
      fingerprint: fingerprint ?? fingerprintOf(labels),
      status: state,
      name: labels['alertname'] ?? 'alert',
      severity: labels['severity'],
      summary: annotations['summary'] ?? annotations['description'] ?? annotations['message'],
      labels,
      startsAtMs: startsAt,
    })),
  };
}

export function readPlainAlerts(body: unknown, nowMs: number): ReadAlerts {
  const isList = typeof body === 'object' && body !== null && 'alerts' in body;
  const { data, error } = isList ? plainList.safeParse(body) : plain.safeParse(body);
  if (!data) return { problem: problemOf(error) };
  const alerts = 'alerts' in data ? data.alerts : [data];
  return {
    alerts: alerts.map(({ name, status: state, id, target, severity, summary, labels, startsAt }) => {
      const all = { ...labels, ...(target === undefined ? {} : { target }) };
      const fingerprint = id ?? fingerprintOf({ ...all, alertname: name });
      return { fingerprint, status: state, name, severity, summary, labels: all, startsAtMs: startsAt ?? nowMs };
    }),
  };
}

/** As Prometheus means it: an alert is its labels. */
function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(pairs)).digest('hex').slice(0, 16);
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'is no alert'}`;
}
