import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { alertSettings } from '../../src/alerts/alert-settings.ts';
import { startAlertServer } from '../../src/alerts/server.ts';
import { silentLog } from '../../src/log.ts';

it('the shell lines of the README send an alert that is accepted', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const script = /```sh\n(body=[\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const secret = 'a secret for this test only';
  const taken: Alert[] = [];
  const server = await startAlertServer({
    settings: () => alertSettings.parse({ port: 0, secret }),
    log: silentLog,
    async take(alerts) {
      taken.push(...alerts);
      return { accepted: alerts.length, unrouted: 0 };
    },
  });
  try {
    const own = script.replace('127.0.0.1:9095', `127.0.0.1:${server.port}`);
    const { stdout } = await promisify(execFile)('bash', ['-c', own], {
      env: { ...process.env, ALERTS_SECRET: secret },
    });
    expect(stdout).toBe('{"accepted":1,"unrouted":0}\n');
    expect(taken[0]).toMatchObject({ name: 'CheckoutSlow', labels: { target: 'orders-prod' } });
  } finally {
    await server.close();
  }
});
