import type { WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import type { FindingChart } from '../../report/finding.ts';
import { attach } from '../posting/files.ts';
import { type Place, post, type SlackMessage } from '../posting/posting.ts';
import { drawable, inWords } from './finding-chart.ts';

/** What makes a delivery findable, and what of it stands in the thread already. */
export interface DeliveryKey {
  readonly key: string;
  readonly posted?: ReadonlyMap<string, string>;
}

export interface Delivered {
  readonly messages: readonly SlackMessage[];
  /** What goes with them as a file; where it is only `ifRefused`, then when Slack refused the blocks. */
  readonly attachment?: { readonly name: string; readonly text: string; readonly ifRefused?: boolean } | undefined;
}

/** Posts messages in order, those left out that were `posted` before, with pictures for the charts that Slack refused, and the file that belongs to them. */
export async function deliver(
  client: WebClient,
  place: Place,
  delivered: Delivered,
  log: Log,
  as?: DeliveryKey,
): Promise<void> {
  let isCut = false;
  for (const [index, message] of delivered.messages.entries()) {
    const key = as && `${as.key}/${index}`;
    if (key !== undefined && as?.posted?.has(key)) continue;
    const { arrival } = await post(client, place, key === undefined ? message : { ...message, key }, log);
    isCut ||= arrival === 'text';
    if (arrival !== 'whole') await attachCharts(client, place, message.charts ?? [], log);
  }
  const { attachment } = delivered;
  if (attachment && (isCut || !attachment.ifRefused)) {
    await attach(client, place, { name: attachment.name, content: attachment.text }, log);
  }
}

async function attachCharts(client: WebClient, place: Place, charts: readonly FindingChart[], log: Log): Promise<void> {
  if (charts.length === 0) return;
  // Loaded when it is needed: the drawing library would double the time that the bot takes to start.
  const { drawChart } = await import('./chart-image.ts');
  for (const [index, chart] of charts.entries()) {
    const clean = drawable(chart);
    if (!clean) continue;
    await attach(
      client,
      place,
      { name: `chart-${index + 1}.png`, content: drawChart(clean), altText: inWords(chart) },
      log,
    );
  }
}
