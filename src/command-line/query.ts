import { text as readText } from 'node:stream/consumers';
import { exitCode } from './ask.ts';
import { commonOptions, parseArguments, type Terminal, text, UsageError } from './options.ts';
import { openWorkplace } from './workplace.ts';

/** `dbcheck query "SELECT …" --target T`: one statement behind the guard; `-` reads it from standard input. */
export async function query(argv: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(argv, commonOptions);
  const given = parsed.positionals.join(' ').trim();
  const sql = given === '-' ? (await readText(terminal.input)).trim() : given;
  if (sql === '') throw new UsageError('the statement is missing; for instance: dbcheck query "SHOW FULL PROCESSLIST"');
  const workplace = await openWorkplace(parsed);
  try {
    const defaultTarget = text(parsed.values, 'target');
    const report = await workplace.orchestrator.ask({
      text: 'dbcheck query',
      statements: [sql],
      signal: terminal.signal,
      ...(defaultTarget === undefined ? {} : { defaultTarget }),
    });
    terminal.out(parsed.values['json'] ? `${JSON.stringify(report)}\n` : `${report.text}\n`);
    return exitCode(report, undefined);
  } finally {
    await workplace.close();
  }
}
