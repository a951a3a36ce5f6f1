import type { ThresholdName } from '../agents/thresholds.ts';
import type { Setting } from '../probes/system-variables.ts';
import type { Facts, FindingDraft, Risk, Severity } from '../report/finding.ts';
import type { ServerFacts } from '../targets/server-facts.ts';

/** What a judgement about a variable knows. */
export interface SettingView {
  readonly target: string;
  readonly facts: ServerFacts;
  /** Where values come from; empty where it could not be read. */
  readonly settings: readonly Setting[];
  readonly evidence: readonly string[];
}

interface SettingDraft {
  readonly code: string;
  readonly severity: Severity;
  readonly variable: string;
  readonly title: string;
  /** The arithmetic or the consequence; where the value comes from is added. */
  readonly summary: string;
  readonly confidence?: FindingDraft['confidence'];
  readonly facts?: Facts;
  readonly evidence?: readonly string[];
  readonly thresholds?: readonly ThresholdName[];
  readonly impact?: number;
  /** The value to set, as it stands behind the equals sign. */
  readonly to: string;
  readonly action: string;
  readonly risk: Risk;
}

/** One finding about one variable: its value, its origin, what to set, how to keep it, and the way back. */
export function settingFinding(view: SettingView, draft: SettingDraft): FindingDraft {
  const { variable } = draft;
  const setting = view.settings.find(({ name }) => name === variable);
  const value = view.facts.variables[variable] ?? setting?.value ?? '';
  const readOnly = setting?.readOnly ?? false;
  return {
    code: draft.code,
    severity: draft.severity,
    subject: variable,
    title: draft.title,
    summary: `${draft.summary} ${originInWords(setting)}`,
    confidence: draft.confidence ?? 'certain',
    facts: {
      value,
      origin: setting?.origin ?? null,
      path: setting?.path ?? null,
      restartNeeded: readOnly,
      ...draft.facts,
    },
    evidence: [...view.evidence, ...(draft.evidence ?? [])],
    ...(draft.impact === undefined ? {} : { impact: draft.impact }),
    ...(draft.thresholds === undefined ? {} : { thresholds: draft.thresholds }),
    recommendations: [
      readOnly
        ? {
            action: `${draft.action}: ${variable} = ${draft.to} in ${fileFor(setting)}, then a restart`,
            risk: 'disruptive',
            rollback: `${variable} = ${literal(value)} in the same file, then a restart`,
          }
        : {
            action: `${draft.action}; ${setting?.perSession ? 'for new sessions' : 'at once'}. To keep it over a restart: ${variable} = ${draft.to} in ${fileFor(setting)}`,
            sql: `SET GLOBAL ${variable} = ${draft.to};`,
            risk: draft.risk,
            rollback: `SET GLOBAL ${variable} = ${literal(value)};`,
          },
    ],
  };
}

function originInWords(setting: Setting | undefined): string {
  if (setting?.path) return `Set in ${setting.path}.`;
  switch (setting?.origin) {
    case 'COMPILE-TIME':
      return 'Nobody set it: this is the default.';
    case 'SQL':
      return 'Set by SQL since the start.';
    case 'COMMAND-LINE':
      return 'Set on the command line of the server.';
    case 'CONFIG':
      return 'Set in an option file.';
    default:
      return 'Where it was set is unknown.';
  }
}

function fileFor(setting: Setting | undefined): string {
  if (setting?.path) return setting.path;
  return setting?.origin === 'COMMAND-LINE'
    ? 'the command line that starts the server'
    : 'the [mariadb] section of the option file';
}

/** A value as it stands in SET: numbers and words bare, everything else quoted. */
function literal(value: string): string {
  return /^(?:-?\d+(?:\.\d+)?|ON|OFF)$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}
