import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../mariadb/process.ts';
import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';

const volumeMegabytes = 192;

export const diskFull = defineFault({
  id: 'disk-full',
  title: 'The data directory lies on a small volume that is 98 % full',
  question: 'how much disk is left on orders-prod?',
  async inject(world) {
    const { primary } = world;
    const volume = join(primary.directory, 'volume');
    await mkdir(volume);
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${volumeMegabytes}m`, 'dbcheck-lab', volume]);
    } catch (cause) {
      throw new Error('a small volume for the data directory cannot be mounted here: that needs root', { cause });
    }
    const data = join(volume, 'data');
    await world.quiet();
    await primary.kill('SIGTERM');
    await run('cp', ['-r', primary.dataDirectory, data]);
    await primary.restart([...primary.args, `--datadir=${data}`]);
    const { bavail, bsize, blocks } = await statfs(volume);
    const ballast = join(volume, 'forgotten-copy.sql');
    await writeFile(ballast, Buffer.alloc((bavail - Math.floor(blocks * 0.02)) * bsize, 'x'));
    world.retarget(primary, { dataDirectory: data });
    return {
      async gate() {
        const { bavail: free, blocks: all } = await statfs(data);
        const used = 100 * (1 - free / all);
        prove(used > 97, `${used.toFixed(1)} % used`);
        return `${used.toFixed(1)} % of ${volumeMegabytes} MB used`;
      },
      undo: async () => void (await writeFile(ballast, '')),
      expect: {
        required: [{ code: 'capacity.disk_near_full' }],
        rootCause: { codes: ['capacity.disk_near_full'] },
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
