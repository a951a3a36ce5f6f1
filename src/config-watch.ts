import { unwatchFile, watchFile } from 'node:fs';
import { type Config, type ConfigFile, loadConfig } from './config.ts';
import { describeError } from './errors.ts';
import type { Log } from './log.ts';

export interface ConfigWatch {
  /** Why the file as it stands is not in force; undefined while it is. */
  readonly refusal: string | undefined;
  /** Reads the file anew and puts it in force, or refuses it; the old one goes on then. */
  reload(): void;
  stop(): void;
}

/** By looking, not by the system's events: files on network volumes and links that are switched tell nothing. */
const lookEveryMs = 1_000;

/** What stands once the process runs, for it is open: whole sections, and the address at which alerts come in. */
const fixed: Readonly<Record<string, (file: ConfigFile) => unknown>> = {
  store: ({ store }) => store,
  slack: ({ slack }) => slack,
  operations: ({ operations }) => operations,
  'alerts.port and alerts.host': ({ alerts: { port, host } }) => [port, host],
};

/** Puts a changed configuration in force without a restart. `apply` throws ConfigError for one that cannot be used. */
export function watchConfig(first: Config, apply: (config: Config) => void, log: Log): ConfigWatch {
  const { path } = first;
  let refusal: string | undefined;

  function reload(): void {
    if (path === undefined) return;
    try {
      const next = loadConfig(path);
      const later = Object.entries(fixed)
        .filter(([, of]) => JSON.stringify(of(next)) !== JSON.stringify(of(first)))
        .map(([name]) => name);
      apply(next);
      refusal = undefined;
      log.info({ path }, 'the changed configuration is in force');
      if (later.length > 0) log.warn({ sections: later }, 'these settings come into force at the next start');
    } catch (error) {
      refusal = describeError(error).message;
      log.error({ err: error }, 'the changed configuration is refused; the old one goes on');
    }
  }

  if (path !== undefined) {
    watchFile(path, { interval: lookEveryMs, persistent: false }, (now, before) => {
      // A file that is away for a moment is being replaced.
      if (now.mtimeMs !== 0 && (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino)) reload();
    });
  }
  return {
    get refusal() {
      return refusal;
    },
    reload,
    stop: () => void (path !== undefined && unwatchFile(path)),
  };
}
