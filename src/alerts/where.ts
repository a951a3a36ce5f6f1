import type { Alert } from './alert.ts';
import type { AlertSettings } from './alert-settings.ts';

export interface RoutedTarget {
  readonly name: string;
  readonly host?: string | undefined;
  readonly port?: number;
  readonly channel?: string | undefined;
}

/** Which target an alert is about and where it is told; either may be unknown. */
export interface Where {
  readonly target: string | undefined;
  readonly channel: string | undefined;
}

/** Labels that name a server, the plainest first. */
const namingLabels = ['target', 'dbcheck_target', 'instance', 'host', 'hostname', 'server', 'service', 'job'];

export function whereOf(
  { labels, name }: Pick<Alert, 'labels' | 'name'>,
  { routes, channel }: Pick<AlertSettings, 'routes' | 'channel'>,
  targets: readonly RoutedTarget[],
): Where {
  const given: Readonly<Record<string, string>> = { alertname: name, ...labels };
  const route = routes.find(({ match }) =>
    Object.entries(match).every(([label, pattern]) => new RegExp(`^(?:${pattern})$`).test(given[label] ?? '')),
  );
  const named = targets.find((target) => target.name === (route?.target ?? targetNamed(given, targets)));
  return { target: named?.name, channel: route?.channel ?? named?.channel ?? channel };
}

/** A label whose value is a target's name, or its host with or without a port (an exporter has a port of its own). */
function targetNamed(labels: Readonly<Record<string, string>>, targets: readonly RoutedTarget[]): string | undefined {
  for (const label of namingLabels) {
    const value = labels[label]?.toLowerCase();
    if (value === undefined || value === '') continue;
    const bare = value.replace(/:\d+$/, '');
    const byName = targets.find(({ name }) => [value, bare].includes(name.toLowerCase()));
    const byAddress = targets.filter(({ host }) => host !== undefined && [value, bare].includes(host.toLowerCase()));
    const exact = byAddress.find(({ host, port }) => `${host}:${port}`.toLowerCase() === value);
    // Several servers on one host cannot be told apart by an exporter's port.
    const found = byName ?? exact ?? (byAddress.length === 1 ? byAddress[0] : undefined);
    if (found) return found.name;
  }
  return undefined;
}
