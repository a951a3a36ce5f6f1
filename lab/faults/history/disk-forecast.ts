import { statfs } from 'node:fs/promises';
import { writePast } from '../../history/past.ts';
import { withHistory } from '../../history/world-history.ts';
import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';

const dayMs = 86_400_000;
const days = 6;
/** How much of what is free now was taken in these days: at that pace the rest lasts nine days more. */
const taken = 2 / 3;

export const diskForecast = defineFault({
  id: 'disk-forecast',
  title: 'The volume of the data directory fills steadily and will be full in nine days',
  question: 'when will the disk of orders-prod be full?',
  agents: ['capacity'],
  async inject(world) {
    const { primary } = world;
    const space = async () => {
      const { bsize, blocks, bavail } = await statfs(primary.dataDirectory);
      return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize };
    };
    const { sizeBytes, freeBytes } = await space();
    const nowMs = Date.now();
    await withHistory(world, async (store) => {
      await writePast(store, world.about, {
        fromMs: nowMs - days * dayMs,
        untilMs: nowMs,
        at: (ms) => {
          const then = sizeBytes - freeBytes - taken * freeBytes * ((nowMs - ms) / (days * dayMs));
          return { volumes: { [primary.dataDirectory]: [Math.round(then), sizeBytes] } };
        },
      });
    });
    return {
      async gate() {
        const now = await space();
        prove(now.freeBytes > 0, 'the volume is full already');
        const perDay = (taken * freeBytes) / days;
        return `${(now.freeBytes / perDay).toFixed(1)} days left at the pace of the last ${days} days`;
      },
      undo: async () => {},
      expect: {
        required: [
          {
            code: 'capacity.disk_full_forecast',
            subject: primary.dataDirectory,
            facts: { daysUntilFull: { atLeast: 7 } },
          },
        ],
        // The machine's own disk may be nearly full as well.
        allowed: ['capacity.disk_near_full'],
        rootCause: { codes: ['capacity.disk_full_forecast', 'capacity.disk_near_full'] },
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
