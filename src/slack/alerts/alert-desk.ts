import { LRUCache } from 'lru-cache';
import { agents } from '../../agents/registry.ts';
import type { Alert } from '../../alerts/alert.ts';
import type { AlertSettings } from '../../alerts/alert-settings.ts';
import { type Incident, incidentKey, incidentKind, withAlerts } from '../../alerts/incident.ts';
import type { Taken } from '../../alerts/server.ts';
import { type RoutedTarget, whereOf } from '../../alerts/where.ts';
import { createRulePlanner } from '../../orchestrator/rule-planner.ts';
import { createRedactor } from '../../sql/redact-text.ts';
import { clamp } from '../posting/escape.ts';
import { isClosed, post, postedKeys, readMessages } from '../posting/posting.ts';
import type { Desk } from '../turns/desk.ts';
import { say } from '../turns/turn.ts';
import { alertCard } from './alert-card.ts';

export interface AlertDesk {
  /** Stores alerts in their incidents; the threads follow. Rejects where the store cannot be used. */
  take(alerts: readonly Alert[]): Promise<Taken>;
  /** Begins to look after incidents, those that a killed process left among them. */
  start(): void;
  close(): Promise<void>;
}

export interface AlertDeskParts {
  readonly settings: () => AlertSettings;
  readonly targets: () => readonly RoutedTarget[];
  /** The workspace that alerts are told in. */
  readonly team: string;
  readonly now?: () => number;
}

/** Cards follow at this distance: chat.update is limited for the whole workspace, and a storm sends hundreds a second. */
const everyMs = 1_500;
const mostIncidents = 1_000;

type Wanted = NonNullable<Incident['wanted']>;

/** An edited card rings no phone; a word in its thread does. */
const news = {
  again: 'It still fires.',
  refired: 'It fires again.',
  last: 'Resolved, as its sender says.',
} as const;

/**
 * Alerts become incidents, and each incident one thread: the card that counts, a look at the target, another one where it
 * still fires after the cool-down, a last one when all is resolved. Looks are questions of the inbox, so they survive a crash.
 */
export function createAlertDesk(desk: Desk, { settings, targets, team, now = Date.now }: AlertDeskParts): AlertDesk {
  const { client, store, presence, log } = desk.parts;
  const planner = createRulePlanner(agents, []);
  const masker = createRedactor();
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> | undefined;
  /** When each card was last told; a lost entry costs one update more. */
  const toldAtMs = new LRUCache<string, number>({ max: mostIncidents });
  /** Whether something may have to be told; a shared store may hold news of others at any time. */
  let isNews = true;

  function masked(alert: Alert): Alert {
    const safe = (text: string | undefined, most: number) =>
      text === undefined ? undefined : clamp(masker.redact(text).text, most);
    return {
      ...alert,
      name: safe(alert.name, 150) ?? 'alert',
      severity: safe(alert.severity, 40),
      summary: safe(alert.summary, 500),
    };
  }

  async function look(): Promise<void> {
    isNews = false;
    for (const { key, value } of await store.list(incidentKind, { limit: mostIncidents })) {
      const isBehind = value.shown < value.changes || value.wanted !== undefined;
      if (!isBehind) continue;
      try {
        if (await isOurs(key, value)) await attend(key, value);
      } catch (error) {
        if (isClosed(error)) await giveUp(key);
        else {
          isNews = true;
          log.warn({ err: error }, 'an incident could not be told; it is tried again');
        }
      }
    }
  }

  async function attend(key: string, incident: Incident): Promise<void> {
    if (performance.now() - (toldAtMs.get(key) ?? -everyMs) < everyMs) {
      isNews = true;
      return;
    }
    toldAtMs.set(key, performance.now());
    const threadTs = incident.threadTs ?? (await openCard(key, incident));
    if (incident.threadTs !== undefined && incident.shown < incident.changes) {
      const { text, blocks } = alertCard(incident);
      await client.chat.update({ channel: incident.channel, ts: threadTs, text, blocks: [...blocks] });
    }
    await store.update(incidentKind, key, (one) => one && { ...one, shown: Math.max(one.shown, incident.changes) });
    if (incident.wanted !== undefined) await beginLook(key, { ...incident, threadTs }, incident.wanted);
  }

  /** An incident is told by the process that stored it first; where that is dead, by whoever takes it over. */
  async function isOurs(key: string, { owner }: Incident): Promise<boolean> {
    if (owner === presence.id) return true;
    if (await presence.isAlive(owner)) return false;
    const now = await store.update(incidentKind, key, (one) =>
      one?.owner === owner ? { ...one, owner: presence.id } : undefined,
    );
    return now?.owner === presence.id;
  }

  /** Posts the card once: it is looked for by its key, for a process may have died between posting and noting it. */
  async function openCard(key: string, incident: Incident): Promise<string> {
    const { channel, openedAtMs } = incident;
    const place = { channel, threadTs: undefined };
    const postKey = `alert ${key} ${openedAtMs}/card`;
    const stands = postedKeys(await readMessages(client, place, openedAtMs)).get(postKey);
    const threadTs = stands ?? (await post(client, place, { ...alertCard(incident), key: postKey }, log)).ts;
    await store.update(incidentKind, key, (one) => one && { ...one, threadTs });
    return threadTs;
  }

  async function beginLook(key: string, incident: Incident & { threadTs: string }, wanted: Wanted): Promise<void> {
    const { channel, target, threadTs, looks, openedAtMs } = incident;
    const tell = async (what = '') => {
      if (wanted === 'first') return;
      const fresh = wanted === 'again' ? newSince(incident) : '';
      await say(
        `${fresh === '' ? news[wanted] : `${fresh} fires, too.`} ${what}`.trim(),
        { place: { channel, threadTs } },
        desk.parts,
      );
    };
    const id = `alert ${key} ${openedAtMs} ${looks}`;
    if (target !== undefined) {
      const text = await questionFor(incident, target);
      const question = { team, channel, threadTs, text, fresh: true, incident: key };
      if (await desk.take(id, question)) {
        await tell(wanted === 'last' ? 'A last look:' : 'Another look:');
        desk.begin(id, question);
      }
    } else await tell();
    await store.update(incidentKind, key, (one) => {
      if (one?.looks !== looks) return undefined;
      const { wanted: current, ...rest } = one;
      const left = current === wanted ? {} : { ...(current === undefined ? {} : { wanted: current }) };
      return { ...rest, ...left, looks: looks + 1, lookedAtMs: now() };
    });
  }

  /** The words of alerts choose agents by rule; none of them stands in the question itself. */
  async function questionFor({ alerts }: Incident, target: string): Promise<string> {
    const said = Object.values(alerts)
      .filter(({ firing }, index) => firing || index === 0)
      .slice(0, 5)
      .map(({ name, summary = '' }) => `${spoken(name)} ${summary}`)
      .join('. ');
    const { plan } = await planner.plan({ text: clamp(`is it healthy? ${said}`, 2_000) });
    const chosen = plan.kind === 'run' ? plan.agents.map(({ agent }) => agent) : [];
    const names = [...new Set(['incident_triage', ...chosen])].slice(0, 4);
    return `is ${target} healthy? check ${names.map((name) => name.replaceAll('_', ' ')).join(', ')}`;
  }

  async function giveUp(key: string): Promise<void> {
    log.warn({ incident: key }, 'the channel of an incident is closed; nobody can be told there');
    await store.update(incidentKind, key, (one) => {
      if (!one) return undefined;
      const { wanted: _, ...rest } = one;
      return { ...rest, shown: one.changes };
    });
  }

  function begin(): void {
    if (!isNews && !store.isShared) return;
    work ??= look()
      .catch((error: unknown) => {
        isNews = true;
        log.warn({ err: error }, 'incidents could not be looked after');
      })
      .finally(() => {
        work = undefined;
      });
  }

  return {
    async take(alerts) {
      const groups = new Map<string, { channel: string; target: string | undefined; alerts: Alert[] }>();
      let unrouted = 0;
      for (const alert of alerts) {
        const { target, channel } = whereOf(alert, settings(), targets());
        if (channel === undefined) {
          unrouted++;
          continue;
        }
        const key = incidentKey(channel, target);
        const group = groups.get(key) ?? { channel, target, alerts: [] };
        group.alerts.push(masked(alert));
        groups.set(key, group);
      }
      if (unrouted > 0) log.warn({ alerts: unrouted }, 'alerts fit no channel: set alerts.channel or a route');
      const coolDownMs = settings().coolDownMinutes * 60_000;
      for (const [key, { channel, target, alerts: own }] of groups) {
        const options = { channel, target, owner: presence.id, nowMs: now(), coolDownMs };
        await store.update(incidentKind, key, (before) => withAlerts(before, own, options));
      }
      isNews = true;
      if (timer) begin();
      return { accepted: alerts.length - unrouted, unrouted };
    },
    start() {
      timer ??= setInterval(begin, everyMs);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      await work;
    },
  };
}

/** The alerts that began after the last look, by name: "SlowQueries and 2 more". */
function newSince({ alerts, lookedAtMs = 0 }: Incident): string {
  const names = Object.values(alerts)
    .filter(({ firing, startsAtMs }) => firing && startsAtMs > lookedAtMs)
    .map(({ name }) => name);
  const [first = '', ...more] = new Set(names);
  return more.length > 0 ? `${first} and ${more.length} more` : first;
}

/** "MySQLReplicationLag" as "My SQL Replication Lag": rules know words. */
function spoken(name: string): string {
  return name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
}
