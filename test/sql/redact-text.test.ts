import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactText } from '../../src/sql/redact-text.ts';

describe('redaction of text', () => {
  it.each([
    ['mail anna.berg+x@shop.example.com now', 'mail [email-1] now'],
    ['card 4111 1111 1111 1111, and 5500-0000-0000-0004', 'card [card-1], and [card-2]'],
    ["ALTER USER a IDENTIFIED BY 'hunter2'", 'ALTER USER a IDENTIFIED BY [secret-1]'],
    ['identified via ed25519 using "abc def"', 'identified via ed25519 using [secret-1]'],
    ["MASTER_PASSWORD = 'a b', retries=3", 'MASTER_PASSWORD = [secret-1], retries=3'],
    ['wsrep_sst_auth password=s3cr3t; next', 'wsrep_sst_auth password=[secret-1]; next'],
    ['mysql://app:s3cr3t@db1/shop', 'mysql://app:[secret-1]@db1/shop'],
    ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [secret-1]'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'key [secret-1] used'],
    ['token=ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'token=[secret-1]'],
    ['xoxb-123456789012-abcdefABCDEF', '[secret-1]'],
    ['hash *2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19', 'hash [secret-1]'],
    ['in /srv/q7Zr+0aB-9xKpL2mNvT4wYc8sD1eF/x', 'in [secret-1]'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'jwt [secret-1]'],
    ['a@b.example a@b.example c@d.example', '[email-1] [email-1] [email-2]'],
    ['hook whsec_aaaaAAAA0000bbbbBBBB', 'hook [secret-1]'],
    ['npm_aaaabbbbccccdddd0000 and hvs.aaaabbbbccccdddd', '[secret-1] and [secret-2]'],
    ['dop_v1_00000000111111112222222233333333', '[secret-1]'],
    ['SK00000000111111112222222233333333', '[secret-1]'],
    ['mysql -uroot -pfoo1bar shop', 'mysql -uroot -p[secret-1] shop'],
    ['mysqldump --password foo1bar shop', 'mysqldump --password [secret-1] shop'],
    ['the password is foo1bar', 'the password is [secret-1]'],
    ['Passwort: foo1bar', 'Passwort: [secret-1]'],
    ['pw: foo1bar, pin=4711', 'pw: [secret-1], pin=[secret-2]'],
    ['Cookie: a=b; session=c', 'Cookie: [secret-1]'],
    ['Authorization: Token abc123def', 'Authorization: Token [secret-1]'],
    ['?sv=1&sig=abc123def', '?sv=1&sig=[secret-1]'],
    ['{\\"password\\":\\"foo1bar\\"}', '{\\"password\\":\\"[secret-1]\\"}'],
    ['password%3Dfoo1bar', 'password%3D[secret-1]'],
    ['-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc\n-----END PGP PRIVATE KEY BLOCK-----', '[secret-1]'],
    ['$A$005$abcdefghijklmnop', '[secret-1]'],
    ['"anna b"@shop.example or anna%40shop.example', '[email-2] or [email-1]'],
    ['4111.1111.1111.1111', '[card-1]'],
    ['DE89 3704 0044 0532 0130 00', '[card-1]'],
  ])('%s', (text, expected) => {
    expect(redactText(text).text).toBe(expected);
  });

  it.each([
    "Access denied for user 'app'@'10.0.0.5' (using password: YES)",
    'InnoDB: 1099511627776 bytes, LSN 4111111111111, page 4111111111112',
    'thread 8412 waits for shop.orders_2024_archive_partition for 312 s',
    'GTID 0-1-1234567, started 20260115100000, /var/lib/mysql/mysql-bin.000123',
    'Read the lines in /srv/Db1/mysql-3306/Orders-Prod-19279-1MwneE/data/Error.log around 03:08:17 UTC',
    "STOP SLAVE; CHANGE MASTER TO MASTER_PASSWORD = '…'; START SLAVE;",
    'uuid 123e4567-e89b-12d3-a456-426614174000',
    'SELECT * FROM a WHERE session_id = ? AND pass = b.pass',
    'the password is empty, the token is missing; pass: 3',
    'mariadb-dump -p -u root; 2026.1123.1504.1111; DE12 3704 0044 0532 0130 00',
    'Aborted connection 5 to db: shop user: app host: web1 (Got timeout reading communication packets)',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toEqual({ text, masked: 0 });
  });

  it('says how many places it masked', () => {
    expect(redactText("a@b.example wrote pwd='x' to c@d.example").masked).toBe(3);
  });

  it('masks hosts only when asked to', () => {
    const text = "denied 'app'@'web7' from 10.1.2.3 (fe80::1:2) via db1.prod.internal, schema shop.orders";
    expect(redactText(text).masked).toBe(0);
    expect(redactText(text, { hosts: true }).text).toBe(
      "denied 'app'@'[host-3]' from [host-1] ([host-2]) via [host-4], schema shop.orders",
    );
  });

  it('masks given names as whole words', () => {
    expect(redactText('anna saw annabel and Anna', { names: ['anna', ''] }).text).toBe('[name-1] saw annabel and Anna');
  });
});

describe('redactor', () => {
  const secret = fc.oneof(
    fc.stringMatching(/^[a-z]{3,9}\.[a-z]{3,9}@[a-z]{3,9}\.(com|org)$/),
    fc.stringMatching(/^ghp_[A-Za-z0-9]{36}$/),
    fc.stringMatching(/^AKIA[A-Z0-9]{16}$/),
    fc.stringMatching(/^xoxb-[0-9]{11}-[A-Za-z0-9]{24}$/),
    fc.constantFrom('4111111111111111', '4012 8888 8888 1881', '378282246310005', '6011-1111-1111-1117'),
  );
  const channel = fc.constantFrom<(it: string) => string>(
    (it) => it,
    (it) => `2026-01-15 10:00:00 5 [Warning] Aborted connection to db: 'shop' user: '${it}'`,
    (it) => `SELECT * FROM t WHERE a = '${it}' AND b = "${it}"`,
    (it) => `comment: ask ${it}, or (${it}).`,
    (it) => `{"note":"${it}","n":1}`,
    (it) => `<${it}>\n> ${it}\n\`${it}\``,
  );

  it('lets no planted secret through, and gives it back inside the process', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), channel, (secrets, put) => {
        const redactor = createRedactor();
        const text = secrets.map(put).join('\n');
        const { text: masked } = redactor.redact(text);
        for (const it of secrets) expect(masked).not.toContain(it);
        expect(redactor.restore(masked)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('masks what stands behind a word for a password, in quotes or behind a sign', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9!#%^*_-]{4,20}$/).filter((it) => !/^(yes|no|password)$/i.test(it));
    const put = fc.constantFrom<(it: string) => string>(
      (it) => `IDENTIFIED BY '${it}' REQUIRE SSL`,
      (it) => `identified by password "${it}"`,
      (it) => `db_password=${it}`,
      (it) => `"password": "${it}"`,
      (it) => `SET PASSWORD = PASSWORD('${it}')`,
      (it) => `the secret is '${it}'`,
      (it) => `api-key: ${it}`,
    );
    fc.assert(
      fc.property(value, put, (word, text) => {
        expect(redactText(text(word)).text.replace(/\[secret-\d+\]/g, '')).not.toContain(word);
      }),
      { numRuns: 500 },
    );
  });

  it('gives every text back, also one that holds marks of its own', () => {
    const part = fc.oneof(fc.string(), secret, fc.constantFrom('[email-1]', '[secret-2]', '[card-', '-1]', ' '));
    fc.assert(
      fc.property(fc.array(fc.array(part), { maxLength: 3 }), (texts) => {
        const redactor = createRedactor({ hosts: true });
        for (const parts of texts) {
          const text = parts.join('');
          expect(redactor.restore(redactor.redact(text).text)).toBe(text);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a time that grows with the length', () => {
    const startedAt = performance.now();
    for (const unit of ['a', '1 ', '1', "password '", 'a.', 'a@', ':', '-----BEGIN KEY-----', '\\', 'eyJa.']) {
      redactText(unit.repeat(20_000), { hosts: true });
    }
    expect(performance.now() - startedAt).toBeLessThan(8000);
  });
});
