import { type Thresholds, thresholdsFor } from '../../src/agents/thresholds.ts';
import type { SettingView } from '../../src/judgements/setting.ts';
import type { Counters } from '../../src/probes/counters.ts';
import type { Setting } from '../../src/probes/system-variables.ts';
import { type ServerFacts, versionNumber } from '../../src/targets/server-facts.ts';

export const thresholds: Thresholds = thresholdsFor({});

/** Facts of a server with the variables that a judgement asks for. */
export function factsWith(variables: Readonly<Record<string, string>>, version = '10.11.19-MariaDB'): ServerFacts {
  return { version, versionNumber: versionNumber(version), variables, privileges: new Set() };
}

/** A view on the variables, all of them set in one option file unless `settings` say otherwise. */
export function settingsWith(
  variables: Readonly<Record<string, string>>,
  settings?: readonly Partial<Setting>[],
  version?: string,
): SettingView {
  const whole = settings ?? Object.keys(variables).map((name) => ({ name, value: variables[name] ?? null }));
  return {
    target: 'orders-prod',
    facts: factsWith(variables, version),
    settings: whole.map((setting) => ({
      name: '',
      value: null,
      origin: 'CONFIG',
      path: '/etc/mysql/my.cnf',
      readOnly: false,
      perSession: false,
      deprecated: null,
      ...setting,
    })),
    evidence: ['e1'],
  };
}

/** Counters that grew by `growth` over the window, on top of `base`. Gauges belong into `base` alone. */
export function countersWith(
  growth: Readonly<Record<string, number>>,
  base: Readonly<Record<string, number>> = {},
  options: { readonly windowSeconds?: number; readonly uptimeSeconds?: number; readonly ownStatements?: number } = {},
): Counters {
  const first: Record<string, number> = { ...base };
  const last: Record<string, number> = { ...base };
  for (const [name, delta] of Object.entries(growth)) {
    first[name] = base[name] ?? 0;
    last[name] = (base[name] ?? 0) + delta;
  }
  const uptimeSeconds = options.uptimeSeconds ?? 86_400;
  return {
    windowSeconds: options.windowSeconds ?? 2,
    uptimeSeconds,
    first: { ...first, Uptime: uptimeSeconds - 2 },
    last: { ...last, Uptime: uptimeSeconds },
    ownStatements: options.ownStatements ?? 0,
  };
}
