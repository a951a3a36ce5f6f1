import { defineFault } from '../fault.ts';
import { globalStatus, globalVariable, prove } from '../steps.ts';

export const openFiles = defineFault({
  id: 'open-files',
  title: 'The server has nearly used up its limit of open files',
  question: 'orders-prod logs "Too many open files", what now?',
  primary: {
    args: [
      '--open-files-limit=400',
      '--table-open-cache=400',
      '--table-open-cache-instances=1',
      '--max-connections=10',
    ],
  },
  async inject({ primary }) {
    await primary.query('CREATE DATABASE archive');
    const limit = Number(await globalVariable(primary, 'open_files_limit'));
    // A MyISAM table keeps two files open, its index and its data.
    const tables = Math.floor((limit * 0.88) / 2);
    for (let table = 1; table <= tables; table++) {
      await primary.query(`CREATE TABLE archive.month_${table} (id INT PRIMARY KEY, v INT) ENGINE=MyISAM`);
      await primary.query(`SELECT COUNT(*) FROM archive.month_${table}`);
    }
    return {
      async gate() {
        const open = await globalStatus(primary, 'Open_files');
        prove(open / limit > 0.85, `${open} of ${limit} files open`);
        return `${open} of ${limit} files open`;
      },
      undo: async () => void (await primary.query('FLUSH TABLES')),
      expect: {
        required: [{ code: 'capacity.open_files' }],
        rootCause: { codes: ['capacity.open_files', 'schema.non_transactional_engine'] },
        allowed: ['schema.non_transactional_engine'],
      },
    };
  },
});
