import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a process, as a person or a script does. */
async function dbcheck(
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Promise<Ended> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['src/dbcheck.js', ...args], {
    env: { PATH: PATH ?? '', HOME: HOME ?? '', ...options.env },
  });
  child.stdin.end(options.input ?? '');
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}

describe('the command line, without a server', () => {
  it('says in one line what is wrong with a call, and exits 2', async () => {
    expect(await dbcheck(['check', '--agnts', 'x'])).toEqual({
      code: 2,
      out: '',
      err: 'dbcheck: unknown option --agnts; did you mean --agents? See dbcheck --help\n',
    });
    expect((await dbcheck([''])).err).toMatch(/^dbcheck: the question is empty.*\n$/);
    expect((await dbcheck(['check', '--agents', 'slow_querry'])).err).toMatch(
      /no agent "slow_querry"; the nearest: slow_query/,
    );
    expect((await dbcheck(['is it healthy?'])).code).toBe(2);
  });

  it('tells its release', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await dbcheck(['--version'])).toEqual({ code: 0, out: `dbcheck ${version}\n`, err: '' });
  });

  it.each(['guard', 'plan', 'agents', 'targets', 'preflight'])('refuses a stray word after %s', async (command) => {
    const { code, out, err } = await dbcheck([command, 'SELECT 1']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('"SELECT 1"');
  });

  it('prints a JSON object for each question, in order, and asks no server', async () => {
    const { out, code } = await dbcheck(['plan', '--targets', 'orders-prod,billing-prod'], {
      input:
        "slow queries on orders-prod, last 3 hours\nwhat's running on orders-prod >>> and on billing-prod?\nhello\n",
    });
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines).toMatchObject([
      { kind: 'run', agents: ['slow_query'], params: { hours: 3, target: 'orders-prod' }, source: 'rules' },
      { kind: 'run', agents: ['running_query'], params: { target: 'billing-prod' } },
      { kind: 'smalltalk', agents: [] },
    ]);
  });

  it('guards statements a line each', async () => {
    const { out } = await dbcheck(['guard'], { input: 'SELECT 1\nDROP TABLE t\nSELECT 1;\\nDELETE FROM t\n' });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ).toEqual(['allow', 'deny', 'deny']);
  });

  it('lists the agents with the flags of their parameters', async () => {
    expect((await dbcheck(['agents'])).out).toMatch(/slow_query \(analyze_slow_queries\)[\s\S]*--max-patterns/);
  });

  it('calls a server that is not there unreachable and exits 1, or 3 where that was asked for', async () => {
    const env = { DB_HOST: '127.0.0.1', DB_PORT: '1', DB_USER: 'u', DB_PASSWORD: 'geheim' };
    const asked = await dbcheck(['is it healthy?'], { env });
    expect(asked.code).toBe(1);
    expect(asked.out).toMatch(/^🔴 Critical · default · The server cannot be reached: connection refused/);
    expect(asked.out + asked.err).not.toContain('geheim');
    expect((await dbcheck(['is it healthy?', '--fail-on', 'critical'], { env })).code).toBe(3);
  });
});

describe('the command line, on a server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-cli-'));
  const config = join(folder, 'dbcheck.yml');
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer();
    const targets = [
      targetEntry(server, { name: 'orders-prod' }),
      targetEntry(server, { name: 'blind', password: 'wrong' }),
    ];
    writeFileSync(config, JSON.stringify({ targets, run: { windowSeconds: 0.2 } }));
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });
  const on = (...args: string[]) => dbcheck([...args, '--config', config]);

  it('answers a question with the report as JSON, text included', async () => {
    const { out, code } = await on('who blocks whom on orders-prod?', '--json');
    const report = JSON.parse(out);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      target: 'orders-prod',
      verdict: 'healthy',
      plan: { kind: 'run', agents: [{ agent: 'running_query', params: {} }], source: 'rules' },
      results: [{ agent: 'running_query', status: 'completed' }],
      usage: { connections: 1, llmCalls: 0 },
    });
    expect(report.text).toMatch(/^🟢 Healthy · orders-prod/);
    expect(report.evidence[0]).toMatchObject({ id: 'e1', probe: 'processlist', truncated: false });
  });

  it('refuses a wrong password in words and without it', async () => {
    const { out, code } = await on('check', '--agents', 'connections', '--target', 'blind');
    expect(code).toBe(1);
    expect(out).toMatch(/refuses the login of dbcheck: error 1045/);
    expect(out).not.toContain('wrong');
  });

  it('names the nearest targets for one that does not exist', async () => {
    expect(await on('check', '--target', 'order-prod')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no target "order-prod"; the nearest: orders-prod/),
    });
  });

  it('takes parameters as flags and refuses impossible ones', async () => {
    expect(
      (await on('check', '--agents', 'slow_query', '--hours', '3', '--target', 'orders-prod', '--json')).out,
    ).toContain('"params":{"hours":3}');
    expect(await on('check', '--agents', 'slow_query', '--hours', '0', '--target', 'orders-prod')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^dbcheck: --hours: /),
    });
  });

  it('says per agent what is missing, with the way to get it', async () => {
    const { out, code } = await on('preflight', '--target', 'orders-prod');
    expect(code).toBe(1);
    expect(out).toMatch(/running_query: sees all it needs/);
    expect(out).toMatch(/backup: sees a part[\s\S]*backups: \{ kind: mariadb-backup/);
  });

  it('holds a conversation over standard input', async () => {
    const { out } = await dbcheck(['--config', config], {
      input: 'connections on orders-prod\ntell me more about the connection pools\nquit\n',
    });
    expect(out).toMatch(/of \d+ connections/);
    expect(out).toMatch(/Measured: .*151 max connections|Measured: .*max connections 151/i);
  });
});
