import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabServer } from '../mariadb/server.ts';

/** How MySQLTuner (Debian package `mysqltuner`) reaches a lab server. */
export async function mysqlTunerArguments({ directory, socket, accounts }: LabServer): Promise<string[]> {
  // Not --socket: it adds a port to its client's call, and the client then leaves the socket aside.
  const clientFile = join(directory, 'client.cnf');
  const { user, password } = accounts.root;
  await writeFile(clientFile, `[client]\nuser=${user}\npassword=${password}\nsocket=${socket}\n`, { mode: 0o600 });
  return ['--defaults-file', clientFile, '--nocolor'];
}
