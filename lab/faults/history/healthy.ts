import { statfs } from 'node:fs/promises';
import { writePast } from '../../history/past.ts';
import { withHistory } from '../../history/world-history.ts';
import { defineFault } from '../fault.ts';
import { nothing } from '../healthy/none.ts';
import { prove } from '../steps.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const healthyHistory = defineFault({
  id: 'healthy-history',
  title:
    'Nothing is wrong: five weeks of history with working hours, nightly dumps on the disk, slow growth and Sundays',
  question: 'is everything as usual on orders-prod?',
  flags: ['--compare-to-previous'],
  healthy: true,
  async inject(world) {
    const { primary } = world;
    const { bsize, blocks, bavail } = await statfs(primary.dataDirectory);
    const [size, used] = [blocks * bsize, (blocks - bavail) * bsize];
    const nowMs = Date.now();
    const busy = (ms: number) =>
      new Date(ms).getUTCDay() % 6 === 0 ? 0.2 : 0.6 + 0.4 * Math.sin(((ms % dayMs) / dayMs) * 6.28);
    let written = 0;
    await withHistory(world, async (store) => {
      written = await writePast(store, world.about, {
        fromMs: nowMs - 35 * dayMs,
        untilMs: nowMs,
        at: (ms, stepMs) => {
          const sinceMidnight = ms % dayMs;
          const dump = sinceMidnight < 4 * hourMs ? sinceMidnight / (4 * hourMs) : 0;
          const growing = ((nowMs - ms) / (35 * dayMs)) * 0.001;
          return {
            gauges: { Threads_connected: Math.round(60 * busy(ms)), Threads_running: 2 },
            volumes: { [primary.dataDirectory]: [Math.round(used * (0.99 - growing + 0.01 * dump)), size] },
            patterns: [
              ['0123456789AB', Math.round((busy(ms) * stepMs) / 1_000), Math.round(busy(ms) * stepMs * 2), 0, 100, 100],
            ],
          };
        },
        sizesAt: (ms) => {
          const bytes = Math.round(5e9 * (1 - ((nowMs - ms) / dayMs) * 0.001));
          return { totalBytes: bytes, tables: 4, schemas: [['shop', bytes, 4]], largest: [['shop.orders', bytes, 1]] };
        },
      });
    });
    return {
      async gate() {
        prove(written > 3_000, `${written} samples`);
        return `${written} samples of 35 days`;
      },
      undo: async () => {},
      expect: nothing,
    };
  },
});
