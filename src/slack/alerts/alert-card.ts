import { firingOf, type Incident, type Noted } from '../../alerts/incident.ts';
import { footnote, paragraph, words } from '../posting/blocks.ts';
import { clamp, escapeText } from '../posting/escape.ts';
import type { SlackMessage } from '../posting/posting.ts';

const shownAlerts = 6;
const maxSummary = 300;
const dayMs = 86_400_000;

/** The root of an incident's thread: what fires, since when, how often it came. All words of alerts are plain text. */
export function alertCard(incident: Incident): SlackMessage {
  const all = Object.values(incident.alerts);
  const firing = all.filter((one) => one.firing);
  const about = incident.target ?? 'no known target';
  const [first = all.at(-1)] = firing;
  const count = firingOf(incident);
  const more = count - 1;
  const head =
    incident.resolvedAtMs === undefined
      ? `🔔 Alert · ${about} · ${first?.name ?? 'alert'}${more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''}`
      : `✅ Resolved · ${about} · ${first?.name ?? 'alert'}${all.length + incident.more > 1 ? ' and others' : ''}`;
  const shown = (firing.length > 0 ? firing : all).slice(0, shownAlerts);
  const left = count - shown.length;
  const lines = [
    head,
    ...shown.map((one) => alertLine(one, incident.lastAtMs)),
    ...(firing.length > 0 && left > 0 ? [`… and ${left.toLocaleString('en-US')} more`] : []),
    ...(incident.target === undefined ? ['Nothing is looked at: no route and no label names a target.'] : []),
  ];
  const text = lines.join('\n');
  const times = `${incident.received.toLocaleString('en-US')} ${incident.received === 1 ? 'alert' : 'alerts'} since ${clock(incident.openedAtMs, incident.lastAtMs)}, the last at ${clock(incident.lastAtMs)}`;
  const end = incident.resolvedAtMs === undefined ? '' : `; resolved at ${clock(incident.resolvedAtMs)}`;
  return { text: escapeText(text), blocks: [paragraph(words(text)), footnote(`${times}${end}`)] };
}

function alertLine({ name, severity, summary, startsAtMs, times }: Noted, lastAtMs: number): string {
  const often = times > 1 ? `, ${times.toLocaleString('en-US')} times` : '';
  const said = summary === undefined ? '' : `: ${clamp(summary.replaceAll(/\s+/g, ' '), maxSummary)}`;
  return `• ${name}${severity === undefined ? '' : ` (${severity})`} since ${clock(startsAtMs, lastAtMs)}${often}${said}`;
}

/** With the day where that is not the day of `besideMs`. */
function clock(atMs: number, besideMs = atMs): string {
  const date = new Date(atMs);
  const day = { day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  const isOtherDay = Math.floor(atMs / dayMs) !== Math.floor(besideMs / dayMs);
  return `${isOtherDay ? `${date.toLocaleDateString('en-GB', day)} ` : ''}${date.toISOString().slice(11, 16)} UTC`;
}
