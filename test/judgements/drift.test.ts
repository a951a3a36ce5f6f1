import { describe, expect, it } from 'vitest';
import { judgeDrift } from '../../src/judgements/drift.ts';
import { factsWith } from '../support/judge.ts';

function drift(
  primary: Readonly<Record<string, string>>,
  replica: Readonly<Record<string, string>>,
  versions: readonly [string, string] = ['10.11.19-MariaDB', '10.11.19-MariaDB'],
) {
  return judgeDrift(
    { target: 'p', facts: factsWith(primary, versions[0]) },
    { target: 'r', facts: factsWith(replica, versions[1]) },
    ['e1'],
  ).map(({ subject, severity }) => `${subject} ${severity}`);
}

describe('drift between a primary and its replica', () => {
  it('names the variables that must agree and do not', () => {
    expect(drift({ sql_mode: 'STRICT_TRANS_TABLES' }, { sql_mode: '' })).toEqual(['sql_mode warning']);
    expect(drift({ collation_server: 'a' }, { collation_server: 'b' })).toEqual(['collation_server info']);
  });

  it('finds no drift in another order, in settings that may differ, or in what one server does not know', () => {
    expect(drift({ sql_mode: 'A,B' }, { sql_mode: 'b,a' })).toEqual([]);
    expect(drift({ read_only: 'OFF', server_id: '1' }, { read_only: 'ON', server_id: '2' })).toEqual([]);
    expect(drift({ innodb_strict_mode: 'ON' }, {})).toEqual([]);
  });

  it('warns of a replica that accepts smaller packets than its primary writes', () => {
    expect(drift({ max_allowed_packet: '64' }, { slave_max_allowed_packet: '16' })).toEqual([
      'slave_max_allowed_packet warning',
    ]);
    expect(drift({ max_allowed_packet: '16' }, { slave_max_allowed_packet: '1024' })).toEqual([]);
  });

  it('warns of a replica of an older series, not of a newer one', () => {
    expect(drift({}, {}, ['11.8.2-MariaDB', '10.11.19-MariaDB'])).toEqual(['version warning']);
    expect(drift({}, {}, ['10.11.19-MariaDB', '11.8.2-MariaDB'])).toEqual([]);
    expect(drift({}, {}, ['10.11.19-MariaDB', '10.11.6-MariaDB'])).toEqual([]);
  });
});
