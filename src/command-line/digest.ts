import { runDigestCommand } from '../slow-log/digest-command.ts';
import type { Terminal } from './options.ts';

/** `dbcheck digest FILE…`: what slow logs come to, as a table or as JSON. */
export async function digest(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runDigestCommand(argv, {
    stdin: process.stdin,
    stdout: { write: terminal.out, columns: process.stdout.columns },
    stderr: { write: terminal.err, isTTY: terminal.interactive },
    now: () => new Date(),
    signal: terminal.signal,
  });
}
