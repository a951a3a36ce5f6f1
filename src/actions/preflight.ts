import { describeError } from '../errors.ts';
import { quotedText } from '../sql/quote.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import { hasPrivilege, type Privilege, serverFacts } from '../targets/server-facts.ts';

/** What keeps approved actions from being done on a target. */
export interface ActionGap {
  readonly summary: string;
  readonly fix: string;
}

/** CONNECTION ADMIN ends sessions of others, PROCESS shows that they are still what was approved. */
const needed: readonly Privilege[] = ['CONNECTION ADMIN', 'PROCESS'];

/** Logs in with the account of actions and looks at its rights; ends nothing. Undefined where all is well. Does not reject. */
export async function actionGap(targets: TargetRegistry, target: string): Promise<ActionGap | undefined> {
  const user = quotedText(targets.actionUser(target) ?? '');
  const session = targets.openActionSession(target);
  try {
    const { rows } = await session.query('SHOW GRANTS', { probe: 'action' });
    const facts = serverFacts([], rows);
    const missing = needed.filter((privilege) => !hasPrivilege(facts, privilege));
    if (missing.length === 0) return undefined;
    const list = missing.join(', ');
    return { summary: `The action account lacks ${list}`, fix: `GRANT ${list} ON *.* TO ${user}@'…';` };
  } catch (error) {
    const { message } = describeError(error);
    return {
      summary: `The action account cannot log in: ${message}`,
      fix: `CREATE USER ${user}@'…' IDENTIFIED BY '…';`,
    };
  } finally {
    await session.close();
  }
}
