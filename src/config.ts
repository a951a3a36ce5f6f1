import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { fileSchema, targetSchema } from './config-schema.ts';
import { ConfigError } from './errors.ts';

export interface CloudLogAccess {
  readonly apiKey: string;
  /** Root of the API, without a slash at its end. */
  readonly apiUrl: string;
}

export type ConfigFile = z.output<typeof fileSchema> & {
  /** There where a target names a service. */
  readonly cloudLogs?: CloudLogAccess;
};
export type Redaction = ConfigFile['redaction'];
export type TargetEntry = ConfigFile['targets'][number];

/** What a process does: talk with Slack, run agents for all who do (both need REDIS_URL), or everything. */
const roles = ['all', 'slack', 'worker'] as const;
export type Role = (typeof roles)[number];

/** True where a key or an address of a language model is given. */
export function namesModel({ model: { apiKey, baseUrl } }: Environment): boolean {
  return Boolean(apiKey || baseUrl);
}

/** What the environment says; secrets are read here and nowhere else. */
export interface Environment {
  readonly slack: {
    readonly botToken: string | undefined;
    readonly appToken: string | undefined;
    readonly signingSecret: string | undefined;
    readonly port: number | undefined;
    readonly apiUrl: string | undefined;
  };
  readonly model: {
    readonly apiKey: string | undefined;
    readonly baseUrl: string | undefined;
    readonly name: string | undefined;
  };
  readonly redisUrl: string | undefined;
  readonly role: Role;
  readonly logLevel: string;
}

export interface Config extends ConfigFile {
  /** Absolute path of the file, or undefined where the environment alone names the one target. */
  readonly path: string | undefined;
  readonly environment: Environment;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads dbcheck.yml (`path`, else DBCHECK_CONFIG, else ./dbcheck.yml) and the environment.
 * Without a file, DB_HOST or DB_SOCKET describes the only target. Throws ConfigError naming file, line, key and what is expected.
 */
export function loadConfig(path?: string, variables: Variables = process.env): Config {
  const environment = readEnvironment(variables);
  const named = path ?? variables['DBCHECK_CONFIG'];
  const file = named ?? 'dbcheck.yml';
  if (existsSync(file)) {
    return { ...atStore(parseConfig(readText(file), file, variables), variables), path: resolve(file), environment };
  }
  if (named !== undefined)
    throw new ConfigError(`${named} does not exist (from ${path ? '--config' : 'DBCHECK_CONFIG'})`);
  if (!variables['DB_HOST'] && !variables['DB_SOCKET']) {
    throw new ConfigError('no target is configured: write dbcheck.yml (see README) or set DB_HOST or DB_SOCKET');
  }
  return { ...atStore(singleTarget(variables), variables), path: undefined, environment };
}

/** DBCHECK_STORE wins over the file's path, so that an image can name its volume. */
function atStore(file: ConfigFile, variables: Variables): ConfigFile {
  const path = variables['DBCHECK_STORE'];
  return path ? { ...file, store: { ...file.store, path } } : file;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}

/** Validates the text of a configuration file; relative paths in it are taken from the file's folder. */
export function parseConfig(text: string, file: string, variables: Variables): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new ConfigError(`${file} line ${line}: not valid YAML: ${broken.message.split('\n')[0]}`);
  }
  const values = fillVariables(document.toJS() ?? {}, variables, (keys, message) => {
    throw new ConfigError(`${place(document, lines, file, keys)}: ${message}`);
  });
  const parsed = fileSchema.safeParse(values);
  if (parsed.success) {
    const at = parsed.data.targets.findIndex(({ serviceId }) => serviceId !== undefined);
    const whole = withAbsolutePaths(parsed.data, dirname(resolve(file)));
    if (at < 0) return whole;
    const where = place(document, lines, file, ['targets', at, 'serviceId']);
    return { ...whole, cloudLogs: readCloudLogAccess(variables, where) };
  }
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const keys = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])] as (string | number)[];
  const message =
    unknown === undefined ? issue?.message : `is no setting of dbcheck${nearest(unknown, document, issue?.path ?? [])}`;
  throw new ConfigError(`${place(document, lines, file, keys)}: ${lowerFirst(message ?? 'not valid')}`);
}

function nearest(key: string, _document: Document, path: readonly PropertyKey[]): string {
  const known = path[0] === 'targets' ? Object.keys(targetSchema.shape) : Object.keys(fileSchema.shape);
  const close = known.find((name) => name.toLowerCase() === key.toLowerCase().replaceAll(/[_-]/g, ''));
  return close ? `; did you mean ${close}?` : `; expected one of ${known.join(', ')}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `dbcheck.yml line 3: targets[0].port`. Walks up to the nearest node that exists, for keys that are missing. */
function place(document: Document, lines: LineCounter, file: string, keys: readonly (string | number)[]): string {
  const label = keys.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
  for (let depth = keys.length; depth >= 0; depth--) {
    const parent = depth === 0 ? document.contents : document.getIn(keys.slice(0, depth - 1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === keys[depth - 1])
      : undefined;
    const node = (pair?.key ?? document.getIn(keys.slice(0, depth), true)) as { range?: readonly number[] } | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return `${file} line ${lines.linePos(start).line}: ${label || 'the file'}`;
  }
  return `${file} line 1: ${label || 'the file'}`;
}

/** Replaces `${NAME}` in every string by the environment's value. */
function fillVariables(
  value: unknown,
  variables: Variables,
  fail: (keys: readonly (string | number)[], message: string) => never,
  keys: readonly (string | number)[] = [],
): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
      const found = variables[name];
      return found ?? fail(keys, `the environment variable ${name} is not set`);
    });
  }
  if (Array.isArray(value)) return value.map((item, index) => fillVariables(item, variables, fail, [...keys, index]));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillVariables(item, variables, fail, [...keys, key])]),
  );
}

function withAbsolutePaths(file: ConfigFile, folder: string): ConfigFile {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  return {
    ...file,
    store: {
      ...file.store,
      path: file.store.path === ':memory:' ? ':memory:' : resolve(folder, file.store.path),
    },
    targets: file.targets.map((entry) => ({
      ...entry,
      ...definedOnly({
        socket: absolute(entry.socket),
        errorLog: absolute(entry.errorLog),
        tlsCa: absolute(entry.tlsCa),
        slowLog: absolute(entry.slowLog),
        dataDirectory: absolute(entry.dataDirectory),
      }),
      ...(entry.backups ? { backups: { ...entry.backups, path: resolve(folder, entry.backups.path) } } : {}),
    })),
  };
}

function definedOnly<T extends object>(record: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}

function readCloudLogAccess(variables: Variables, where: string): CloudLogAccess {
  const apiKey = variables['SKYSQL_API_KEY'];
  if (!apiKey) throw new ConfigError(`${where}: needs the environment variable SKYSQL_API_KEY`);
  const apiUrl = variables['SKYSQL_API_URL'] ?? 'https://api.skysql.com';
  checkUrl('SKYSQL_API_URL', apiUrl);
  return { apiKey, apiUrl: apiUrl.replace(/\/+$/, '') };
}

function singleTarget(variables: Variables): ConfigFile {
  const port = variables['DB_PORT'];
  const entry = definedOnly({
    name: 'default',
    host: variables['DB_SOCKET'] ? undefined : variables['DB_HOST'],
    socket: variables['DB_SOCKET'],
    port: port === undefined ? undefined : Number(port),
    user: variables['DB_USER'] ?? 'dbcheck',
    password: variables['DB_PASSWORD'],
    database: variables['DB_DATABASE'],
  });
  const parsed = fileSchema.safeParse({ targets: [entry] });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = String(issue?.path.at(-1) ?? 'host').toUpperCase();
  throw new ConfigError(`DB_${key} in the environment: ${lowerFirst(issue?.message ?? 'not valid')}`);
}

function readEnvironment(variables: Variables): Environment {
  const port = variables['PORT'];
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw new ConfigError('PORT in the environment: expected a port number');
  const apiUrl = variables['SLACK_API_URL'];
  if (apiUrl !== undefined) checkUrl('SLACK_API_URL', apiUrl);
  return {
    slack: {
      botToken: variables['SLACK_BOT_TOKEN'],
      appToken: variables['SLACK_APP_TOKEN'],
      signingSecret: variables['SLACK_SIGNING_SECRET'],
      port: port === undefined ? undefined : Number(port),
      apiUrl,
    },
    model: {
      apiKey: variables['OPENAI_API_KEY'],
      baseUrl: variables['OPENAI_BASE_URL'],
      name: variables['OPENAI_MODEL'],
    },
    redisUrl: variables['REDIS_URL'],
    role: readRole(variables['DBCHECK_ROLE'] || 'all', variables['REDIS_URL']),
    logLevel: variables['LOG_LEVEL'] ?? 'info',
  };
}

/** The role that `--role` names wins over DBCHECK_ROLE. Throws ConfigError. */
export function withRole(config: Config, role: string | undefined): Config {
  if (role === undefined) return config;
  const { environment } = config;
  return { ...config, environment: { ...environment, role: readRole(role, environment.redisUrl) } };
}

function readRole(text: string, redisUrl: string | undefined): Role {
  const role = roles.find((known) => known === text);
  if (!role) throw new ConfigError(`DBCHECK_ROLE or --role: expected one of ${roles.join(', ')}, not "${text}"`);
  if (role !== 'all' && redisUrl === undefined)
    throw new ConfigError(`the role ${role} needs REDIS_URL: without Redis one process does everything`);
  return role;
}

/** A token sent over plain http could be read on the way, so that is allowed on this machine only. */
function checkUrl(name: string, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new ConfigError(`${name} in the environment: expected a URL`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new ConfigError(`${name} in the environment: plain http is allowed for a loopback address only`);
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
