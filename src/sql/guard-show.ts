import { checkExpressions } from './guard-expression.ts';
import type { Part } from './part.ts';
import type { Refusal } from './refusal.ts';

/** What may follow SHOW; a string, as the name of a replication connection, is written as `?` here. */
const allowed = [
  '(GLOBAL |SESSION |LOCAL )?(STATUS|VARIABLES)',
  '(FULL )?(PROCESSLIST|TABLES|COLUMNS|FIELDS)',
  'TABLE STATUS|OPEN TABLES|TRIGGERS|EVENTS|DATABASES|SCHEMAS',
  '(INDEX|INDEXES|KEYS)',
  'CREATE (TABLE|VIEW|DATABASE|SCHEMA|PROCEDURE|FUNCTION|TRIGGER|EVENT|SEQUENCE|PACKAGE( BODY)?)',
  '(PROCEDURE|FUNCTION|PACKAGE( BODY)?) STATUS',
  '(STORAGE )?ENGINES|PLUGINS|PRIVILEGES|COLLATION|CHARSET|(CHARACTER|CHAR) SET|LOCALES',
  'ENGINE (\\w+|\\?) (STATUS|MUTEX|LOGS)',
  '(SLAVE|REPLICA) (\\? )?STATUS|ALL (SLAVES|REPLICAS) STATUS|(SLAVE|REPLICA) HOSTS',
  '(MASTER|BINLOG) STATUS|(BINARY|MASTER) LOGS',
  'BINLOG EVENTS|RELAYLOG (\\? )?EVENTS',
  'WARNINGS|ERRORS|COUNT \\( \\* \\) (WARNINGS|ERRORS)|PROFILES|PROFILE',
  'EXPLAIN|ANALYZE',
  '(USER|CLIENT|INDEX|TABLE)_STATISTICS|QUERY_RESPONSE_TIME|METADATA_LOCK_INFO|WSREP_(STATUS|MEMBERSHIP)',
];
const pattern = new RegExp(`^(?:${allowed.join('|')})(?= |$)`);

/** SHOW by an allow-list: GRANTS and CREATE USER show password hashes, CREATE SERVER a password. */
export function checkShow(parts: readonly Part[]): Refusal {
  const rest = parts.slice(1);
  const head = rest.slice(0, 8).map((part) => (part.kind === 'string' ? '?' : part.keyword || '-'));
  const match = pattern.exec(head.join(' '));
  if (match === null) return refused(rest);
  // Found by the oracle test: unlike a query on its own, one inside SHOW takes share locks on InnoDB rows.
  if (rest.some((part) => /^(SELECT|VALUES|WITH)$/.test(part.keyword))) return 'a query inside SHOW takes row locks';
  return checkExpressions(rest.slice(match[0].split(' ').length));
}

function refused(rest: readonly Part[]): string {
  const names = rest
    .slice(0, 2)
    .map((part) => part.keyword)
    .join(' ');
  return `SHOW ${names.slice(0, 40)} is not on the list of what may be shown`.replace(/\s+/g, ' ');
}
