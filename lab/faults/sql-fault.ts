import { defineFault, type Expectation, type Fault, type ServerSettings } from './fault.ts';
import { prove } from './steps.ts';

/** A fault that statements make, statements prove and statements take away: schema, variables, accounts. */
export type SqlFault = Pick<Fault, 'id' | 'title' | 'question' | 'agents' | 'healthy'> & {
  readonly primary?: ServerSettings;
  /** Run as root on the primary, one after the other. */
  readonly statements?: readonly string[];
  /** Gives rows while the fault is there and none otherwise; the rows are what the gate saw. */
  readonly proof: string;
  readonly undo?: readonly string[];
  readonly expect: Expectation;
};

export function defineSqlFault(fault: SqlFault): Fault {
  const { statements = [], proof, undo = [], expect, ...rest } = fault;
  return defineFault({
    ...rest,
    async inject({ primary }) {
      for (const statement of statements) await primary.query(statement);
      return {
        async gate() {
          const rows = await primary.query(proof);
          prove(rows.length > 0, `no row from ${proof}`);
          return JSON.stringify(rows);
        },
        async undo() {
          for (const statement of undo) await primary.query(statement);
        },
        expect,
      };
    },
  });
}
