/**
 * - `refused`: Slack answers `invalid_blocks` (or `msg_blocks_too_long`) and shows nothing.
 * - `fault`: Slack accepts it, people are badly served: no top-level text, a chart without words.
 * - `warning`: close to a limit.
 */
type Severity = 'refused' | 'fault' | 'warning';

export type ViolationCode =
  | 'wrong_type'
  | 'unknown_type'
  | 'not_allowed_here'
  | 'missing'
  | 'empty'
  | 'too_long'
  | 'too_many'
  | 'too_few'
  | 'out_of_range'
  | 'duplicate'
  | 'conflict'
  | 'invalid_value'
  | 'total_too_long'
  | 'too_many_tables'
  | 'no_text'
  | 'no_text_twin'
  | 'thread_ts_of_reply';

export interface Violation {
  /** JSON pointer, as in `/blocks/3/elements/0/text/text`. */
  readonly path: string;
  readonly code: ViolationCode;
  readonly severity: Severity;
  readonly message: string;
}

/** Collects violations under a JSON pointer. */
export interface Report {
  readonly path: string;
  readonly found: Violation[];
}

export function emptyReport(): Report {
  return { path: '', found: [] };
}

export function at(report: Report, ...steps: readonly (string | number)[]): Report {
  return { path: `${report.path}${steps.map((step) => `/${step}`).join('')}`, found: report.found };
}

export function refuse(report: Report, code: ViolationCode, message: string): void {
  report.found.push({ path: report.path, code, severity: 'refused', message });
}

export function blame(report: Report, code: ViolationCode, severity: 'fault' | 'warning', message: string): void {
  report.found.push({ path: report.path, code, severity, message });
}

export function isRefused(violations: readonly Violation[]): boolean {
  return violations.some((violation) => violation.severity === 'refused');
}

/** As Slack words it in `response_metadata.messages`. */
export function slackMessage(violation: Violation): string {
  return `[ERROR] ${violation.message} [json-pointer:${violation.path}]`;
}
