import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault, World } from './faults/fault.ts';
import { faults } from './faults/registry.ts';
import { startWorld } from './faults/world.ts';
import type { TargetEntry } from './mariadb/target.ts';
import type { Control } from './slack/page/control.ts';

export type Injection = Awaited<ReturnType<Fault['inject']>>;

/** A fault that is on the stage. */
export interface Scene {
  readonly fault: Fault;
  readonly world: World;
  readonly injection: Injection;
  /** What the server itself showed. */
  readonly proof: string;
}

/** Where one broken world after the other is shown to one bot: each comes with a new dbcheck.yml at the same path. */
export interface Stage {
  /** Of the dbcheck.yml, which names the servers of the present world. */
  readonly configPath: string;
  readonly scene: Scene | undefined;
  /** Starts the fault's servers, breaks them, and takes the former world away. Rejects where the fault does not show. */
  play(fault: Fault): Promise<Scene>;
  /** Takes the fault away; the servers go on. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** On this stage everybody may approve a kill; where targets are tagged prod it still takes two. */
const everybodyActs = {
  channels: [{ channels: ['*'], may: ['ask', 'fleet', 'inspect', 'schedule', 'act'] }],
  people: [{ users: ['*'], may: ['ask', 'fleet', 'inspect', 'schedule', 'act'] }],
};

function withActionAccounts({ primary, replicas, targets }: World): readonly TargetEntry[] {
  const servers = [primary, ...replicas];
  return targets.map((entry) => {
    const account = servers.find(({ name }) => name === entry.name)?.accounts.action;
    return account ? { ...entry, action: account } : entry;
  });
}

/** `settings` are sections of dbcheck.yml beside the targets; `onChange` is told when the file names another world. */
export async function createStage(settings: object, onChange: () => void): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'dbcheck-stage-'));
  const configPath = join(folder, 'dbcheck.yml');
  let scene: Scene | undefined;

  return {
    configPath,
    get scene() {
      return scene;
    },
    async play(fault) {
      const world = await startWorld(fault);
      try {
        const injection = await fault.inject(world);
        const proof = await injection.gate();
        await world.quiet();
        // JSON is YAML, and quotes whatever a path or a password may hold.
        const file = { targets: withActionAccounts(world), access: everybodyActs, ...settings };
        await writeFile(configPath, JSON.stringify(file), { mode: 0o600 });
        const former = scene;
        scene = { fault, world, injection, proof };
        onChange();
        await former?.world.stop();
        return scene;
      } catch (error) {
        if (scene?.world !== world) await world.stop();
        throw error;
      }
    },
    async mend() {
      await scene?.injection.undo();
    },
    async close() {
      await scene?.world.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The menu of faults on the page: every fault of the lab, each on servers of its own. */
export function faultMenu(stage: Stage): Control {
  return {
    id: 'fault',
    title: 'Break a server',
    description:
      'Starts the servers that the fault needs, breaks them, and shows them to the bot in place of the last.',
    options: faults.map(({ id, title }) => ({ id, title: `${id}: ${title}` })),
    chosen: () => stage.scene?.fault.id,
    async run(option) {
      const fault = faults.find(({ id }) => id === option);
      if (!fault) throw new Error('there is no such fault');
      const { proof } = await stage.play(fault);
      return `Proved on the server: ${proof}. Ask: ${fault.question}`;
    },
    async undo() {
      await stage.mend();
      return 'The fault is gone; ask "again"';
    },
  };
}
