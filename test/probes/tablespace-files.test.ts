import { cp, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../lab/mariadb/server.ts';
import { findCutTablespace } from '../../src/probes/tablespace-files.ts';

const tables = {
  plain: 'ENGINE=InnoDB',
  packed: 'ENGINE=InnoDB ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4',
  holed: 'ENGINE=InnoDB PAGE_COMPRESSED=1',
};

describe('a tablespace of a copied data directory', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'dbcheck-tablespace-'));
    const server = await startServer({ args: ['--innodb-strict-mode=OFF'] });
    try {
      // One connection of our own: the tables are held only as long as it lives.
      const connection = await server.connect();
      for (const [name, options] of Object.entries(tables)) {
        await connection.query(`CREATE TABLE shop.${name} (id INT PRIMARY KEY, pad CHAR(200)) ${options}`);
        await connection.query(`INSERT INTO shop.${name} SELECT seq, REPEAT('p', 200) FROM shop.seq_1_to_20000`);
        await connection.query(`FLUSH TABLES shop.${name} FOR EXPORT`);
        await cp(join(server.dataDirectory, 'shop'), join(root, 'shop'), { recursive: true });
        await connection.query('UNLOCK TABLES');
      }
    } finally {
      await server.stop();
    }
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('is whole in every format', async () => {
    expect(await findCutTablespace(root)).toBeUndefined();
  });

  it.each(Object.keys(tables))('that is %s and was cut off is found, with its sizes', async (name) => {
    const file = join(root, 'shop', `${name}.ibd`);
    const { size } = await stat(file);
    await cp(file, `${file}.kept`);
    // A full disk ends a copy at a whole block, so the size alone looks right.
    await truncate(file, 262_144);
    const found = await findCutTablespace(root);
    await rm(file);
    await cp(`${file}.kept`, file);
    await rm(`${file}.kept`);
    expect(found).toMatch(new RegExp(`^shop/${name}\\.ibd is cut off: 262144 of \\d+ bytes$`));
    expect(size).toBeGreaterThan(262_144);
  });

  it('that is empty or shorter than a header is found', async () => {
    const file = join(root, 'shop', 'aaa.ibd');
    await writeFile(file, '');
    expect(await findCutTablespace(root)).toBe('shop/aaa.ibd is empty');
    await writeFile(file, 'x');
    expect(await findCutTablespace(root)).toBe('shop/aaa.ibd is cut off after 1 bytes');
    await rm(file);
  });
});
