import type { FindingDraft } from '../report/finding.ts';
import { serverPath } from '../targets/locality.ts';
import { isOn, numericVariable, type ServerFacts } from '../targets/server-facts.ts';
import { type SettingView, settingFinding } from './setting.ts';

/** True where slow statements are written nowhere: switched off, or sent to no place. */
function isSlowLogOff(facts: ServerFacts): boolean {
  return !isOn(facts, 'slow_query_log') || facts.variables['log_output']?.toUpperCase() === 'NONE';
}

/** Off is how MariaDB ships it; information, because nothing is broken, but the next incident will lack evidence. */
export function judgeSlowLog(view: SettingView): FindingDraft[] {
  if (!isSlowLogOff(view.facts)) return [];
  const nowhere = isOn(view.facts, 'slow_query_log');
  const seconds = numericVariable(view.facts, 'long_query_time') ?? 10;
  return [
    settingFinding(view, {
      code: 'config.slow_log_off',
      severity: 'info',
      variable: nowhere ? 'log_output' : 'slow_query_log',
      title: nowhere ? 'The slow query log goes nowhere (log_output = NONE)' : 'The slow query log is off',
      summary: `Slow statements leave no trace, so nobody can say later what was slow (long_query_time is ${seconds} s).`,
      facts: { longQueryTimeSeconds: seconds },
      to: nowhere ? "'FILE'" : 'ON',
      action: nowhere ? 'Write the logs to files' : 'Switch it on',
      risk: 'safe',
    }),
  ];
}

/** Every statement of everybody is written, literals and passwords of DDL included. */
export function judgeGeneralLog(view: SettingView): FindingDraft[] {
  const output = view.facts.variables['log_output'] ?? 'FILE';
  if (!isOn(view.facts, 'general_log') || output.toUpperCase() === 'NONE') return [];
  const file = serverPath(view.facts, 'general_log_file') ?? 'a file';
  const where = /table/i.test(output) ? 'the table mysql.general_log' : file;
  return [
    settingFinding(view, {
      code: 'config.general_log_on',
      severity: 'warning',
      variable: 'general_log',
      title: 'The general log is on',
      summary: `Every statement of every session is written to ${where}: it costs time, fills the disk and shows literals to whoever can read it.`,
      facts: { logOutput: output, file },
      impact: 5,
      to: 'OFF',
      action: 'Switch it off and remove what it wrote once it is no longer needed',
      risk: 'safe',
    }),
  ];
}
