import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import type { Report } from '../../src/report/report.ts';
import { checkAgents } from '../support/check.ts';

const statements = {
  'clinic.visits': 'SELECT v.id FROM patients p JOIN visits v ON v.patient_id = p.id WHERE p.id = 77',
  'clinic.lab results': 'SELECT r.id FROM patients p JOIN `lab results` r ON r.patient_ref = p.id WHERE p.ward = 7',
  'clinic.readings': 'SELECT id, value FROM readings ORDER BY taken DESC LIMIT 5',
  'clinic.letters': "SELECT id FROM letters WHERE kind = 'k1' AND street = 's77'",
};

describe('the indexes that slow-query recommends', () => {
  let server: LabServer;
  let report: Omit<Report, 'text'>;
  beforeAll(async () => {
    server = await startServer({
      seed: 'none',
      args: ['--log-output=FILE', '--long-query-time=0'],
    });
    for (const statement of [
      'CREATE DATABASE clinic',
      'CREATE TABLE clinic.patients (id INT PRIMARY KEY, name VARCHAR(40), ward INT, KEY ward (ward))',
      'CREATE TABLE clinic.`lab results` (id INT PRIMARY KEY, patient_ref INT, note CHAR(100))',
      'CREATE TABLE clinic.visits (id INT PRIMARY KEY, patient_id INT, name VARCHAR(40))',
      'CREATE TABLE clinic.readings (id INT PRIMARY KEY, taken DATETIME, value INT)',
      'CREATE TABLE clinic.letters (id INT PRIMARY KEY, kind CHAR(2), street VARCHAR(300), KEY kind (kind))',
      "INSERT INTO clinic.patients SELECT seq, 'n', seq % 40 FROM clinic.seq_1_to_1000",
      "INSERT INTO clinic.`lab results` SELECT seq, seq, 'r' FROM clinic.seq_1_to_20000",
      "INSERT INTO clinic.visits SELECT seq, seq % 1000, 'n' FROM clinic.seq_1_to_20000",
      "INSERT INTO clinic.readings SELECT seq, '2026-01-01' + INTERVAL seq * 7919 % 20000 MINUTE, seq FROM clinic.seq_1_to_20000",
      "INSERT INTO clinic.letters SELECT seq, CONCAT('k', seq % 2), CONCAT('s', seq) FROM clinic.seq_1_to_20000",
      'ANALYZE TABLE clinic.patients, clinic.visits, clinic.readings, clinic.letters, clinic.`lab results`',
    ])
      await server.query(statement);
    await server.query('SET GLOBAL slow_query_log = ON');
    const application = await server.connect({ database: 'clinic' });
    for (const statement of Object.values(statements))
      for (let turn = 0; turn < 10; turn++) await application.query(statement);
    for (let turn = 0; turn < 10; turn++)
      await application.query(`SELECT id FROM letters WHERE street = 's${turn}' OR id = ${turn}`);
    for (let turn = 0; turn < 10; turn++) {
      await application.query(`SELECT id FROM letters WHERE kind = ${turn + 1}`);
      await application.query('SELECT id FROM readings ORDER BY RAND() LIMIT 5');
    }
    await application.end();
    report = await checkAgents([targetEntry(server, { name: 'clinic' })], ['slow_query']);
  });
  afterAll(() => server?.stop());

  it.each(Object.entries(statements))('serve the slow statement on %s', async (table, statement) => {
    const found = report.findings.find(({ code, subject }) => code === 'query.missing_index' && subject === table);
    const before = await rowsRead(server, statement);
    await server.query(found?.recommendations[0]?.sql ?? 'the recommendation is missing');
    const after = await rowsRead(server, statement);
    await server.query(found?.recommendations[0]?.rollback ?? '');
    expect(before).toBeGreaterThan(5_000);
    expect(after).toBeLessThan(100);
  });

  it('are not proposed for the two sides of an OR', () => {
    const scan = report.findings.filter(({ facts }) => String(facts['fingerprint']).includes(' or '));
    expect(scan.map(({ code }) => code)).toEqual(['query.full_scan']);
    expect(scan[0]?.recommendations[0]?.action).toMatch(/UNION/);
  });

  it('are not proposed where one is there and a number is compared with its text', () => {
    const found = report.findings.find(({ facts }) => facts['columnType'] !== undefined);
    expect(found).toMatchObject({
      code: 'query.full_scan',
      severity: 'warning',
      facts: { table: 'clinic.letters', column: 'kind', columnType: 'char(2)' },
    });
    expect(found?.recommendations).toMatchObject([{ action: expect.stringMatching(/value of kind as text/) }]);
  });

  it('are not proposed for a random order', () => {
    const found = report.findings.find(({ facts }) => String(facts['fingerprint']).includes('rand()'));
    expect(found?.recommendations[0]?.action).toMatch(/random keys/);
  });
});

async function rowsRead(server: LabServer, statement: string): Promise<number> {
  const connection = await server.connect({ database: 'clinic' });
  await connection.query(statement);
  const rows: { Value: string }[] = await connection.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
  await connection.end();
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}
