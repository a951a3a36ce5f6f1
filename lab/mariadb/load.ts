import { setTimeout as delay } from 'node:timers/promises';
import type { LabServer } from './server.ts';
import { shopSize } from './shop.ts';

export type LoadOptions = {
  /** Statements per second over all connections together. */
  readonly queriesPerSecond: number;
  readonly connections: number;
  /** The load stops by itself after this time. */
  readonly durationMs: number;
};

export type Load = {
  /** Statements done so far. */
  readonly statements: number;
  /** The first error that a statement gave, if any. */
  readonly error: unknown;
  /** Stops now and closes the connections; the load ends by itself otherwise. */
  stop(): Promise<void>;
};

/** A healthy application: short reads and writes by key on the shop, as the account `app`, each its own transaction. */
export async function startLoad(server: LabServer, options: LoadOptions): Promise<Load> {
  const deadline = Date.now() + options.durationMs;
  const pauseMs = (1000 * options.connections) / options.queriesPerSecond;
  const abort = new AbortController();
  let statements = 0;
  let error: unknown;

  const client = async (index: number): Promise<void> => {
    const connection = await server.connect({ ...server.accounts.app, database: 'shop' });
    for (let turn = index; Date.now() < deadline && !abort.signal.aborted; turn += options.connections) {
      await connection.query(...statementOfTurn(turn));
      statements++;
      await delay(pauseMs, undefined, { signal: abort.signal }).catch(() => {});
    }
    await connection.end();
  };
  const clients = Array.from({ length: options.connections }, async (_, index) => {
    // A server that is broken on purpose ends a client; the others go on and the owner can see the first error.
    await client(index).catch((caught: unknown) => {
      error ??= caught;
    });
  });

  return {
    get statements() {
      return statements;
    },
    get error() {
      return error;
    },
    async stop() {
      abort.abort();
      await Promise.all(clients);
    },
  };
}

function statementOfTurn(turn: number): [sql: string, values: number[]] {
  const order = 1 + ((turn * 7919) % shopSize.orders);
  const customer = 1 + ((turn * 31) % shopSize.customers);
  switch (turn % 4) {
    case 0:
      return ['SELECT id, status, total FROM orders WHERE id = ?', [order]];
    case 1:
      return ['SELECT id, total FROM orders WHERE customer_id = ? ORDER BY created_at DESC LIMIT 10', [customer]];
    case 2:
      return ['SELECT name, city FROM customers WHERE id = ?', [customer]];
    default:
      return ['UPDATE orders SET note = ? WHERE id = ?', [turn, order]];
  }
}
