import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  /** Files of the authority, and of the server that it signed. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Options of a server that uses it. */
  readonly args: readonly string[];
}

/** Makes an authority and a certificate of the given subject name (`IP:127.0.0.1`), valid for a day, with openssl. */
export async function createCertificate(folder: string, subjectName = 'IP:127.0.0.1'): Promise<Certificate> {
  const file = (name: string) => join(folder, name);
  const [ca, caKey, cert, key] = [file('ca.pem'), file('ca.key'), file('server.pem'), file('server.key')];
  const openssl = (...args: readonly string[]) => run('openssl', [...args]);
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  await openssl('req', '-x509', ...fresh, '-keyout', caKey, '-out', ca, '-days', '1', '-subj', '/CN=lab authority');
  const request = ['req', '-x509', ...fresh, '-CA', ca, '-CAkey', caKey, '-keyout', key, '-out', cert, '-days', '1'];
  await openssl(...request, '-subj', '/CN=lab server', '-addext', `subjectAltName=${subjectName}`);
  return { ca, cert, key, args: [`--ssl-ca=${ca}`, `--ssl-cert=${cert}`, `--ssl-key=${key}`] };
}
