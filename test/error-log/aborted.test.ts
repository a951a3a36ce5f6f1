import { expect, it } from 'vitest';
import { abortedByCause } from '../../src/error-log/aborted.ts';
import { parseEntries } from '../../src/error-log/entry.ts';
import { groupByPattern } from '../../src/error-log/pattern.ts';

const line = (id: number, user: string, why: string) =>
  `2026-11-20 10:00:0${id} ${id} [Warning] Aborted connection ${id} to db: 'shop' user: '${user}' host: 'localhost' (${why})`;

it('aborted connections are told apart by the words of the server, most frequent first, and not by those of a stranger', () => {
  const patterns = groupByPattern(
    parseEntries(
      [
        line(1, 'app', 'Got an error reading communication packets'),
        line(2, 'cron', 'Got an error reading communication packets'),
        line(3, 'app', 'Got timeout reading communication packets'),
        line(4, 'app', "Got a packet bigger than 'max_allowed_packet' bytes"),
        line(5, 'unauthenticated', 'This connection closed normally without authentication'),
        line(6, 'x (Got packets out of order)', 'Got timeout writing communication packets'),
        '2026-11-20 10:00:07 7 [Note] ready',
      ],
      { zoneOffsetSeconds: 0 },
    ),
  );
  expect(abortedByCause(patterns)).toEqual([
    { cause: 'vanished', count: 2 },
    { cause: 'timeout', count: 2 },
    { cause: 'packet', count: 1 },
    { cause: 'login', count: 1 },
  ]);
});
