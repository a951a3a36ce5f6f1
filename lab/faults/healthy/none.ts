import { defineFault, type Expectation } from '../fault.ts';
import { firstRow, prove } from '../steps.ts';

/** What a report on a healthy server says: nothing that anybody must act on. */
export const nothing: Expectation = { required: [], verdict: ['healthy'] };

export const none = defineFault({
  id: 'none',
  title: 'Nothing is wrong: a fresh, well-kept, idle server',
  question: 'is orders-prod healthy?',
  healthy: true,
  async inject({ primary }) {
    return {
      async gate() {
        const { n } = await firstRow<{ n: number }>(primary, 'SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX');
        prove(n === 0, `${n} transactions`);
        return 'no transactions, no load';
      },
      undo: async () => {},
      expect: nothing,
    };
  },
});
