import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { withCacheLock } from '../../mariadb/cache.ts';
import { installPackages } from '../../mariadb/install.ts';
import { findProgram } from '../../mariadb/process.ts';

/** The browser, and a font with the emoji that Slack messages are full of. */
const packages = ['chromium', 'fonts-noto-color-emoji'];

/** Keeps Chromium from calling home, which a machine without a network answers with many slow errors. */
const quietFlags = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/**
 * Finds Chromium on this machine. Where it is missing on Debian, installs it; where that is impossible, throws one
 * sentence that says what to install.
 */
async function ensureChromium(): Promise<string> {
  const found = findProgram('chromium');
  if (found !== undefined) return found;
  return await withCacheLock('install', async () => {
    if (findProgram('chromium') === undefined) await installPackages(packages, 'Chromium');
    const installed = findProgram('chromium');
    if (installed === undefined)
      throw new Error(`chromium is still missing after installing ${packages.join(' and ')}`);
    return installed;
  });
}

/** A headless browser with a profile of its own, which `close` removes. */
export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export async function startBrowser(): Promise<Browser> {
  const executablePath = await ensureChromium();
  const profile = await mkdtemp(join(tmpdir(), 'dbcheck-chromium-'));
  // Chromium refuses its sandbox to root.
  const sandboxFlags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    viewport: { width: 1440, height: 900 },
    args: [...quietFlags, ...sandboxFlags],
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
