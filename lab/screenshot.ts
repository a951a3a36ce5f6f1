import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { faults } from './faults/registry.ts';
import { startShow } from './show.ts';
import { startBrowser } from './slack/page/chromium.ts';

/** Plays the main scene of the demo in a browser and keeps the picture of it that the README shows. */
const path = process.argv[2] ?? 'docs/images/incident.png';
const [fault] = faults;
if (!fault) throw new Error('the lab has no fault');
const show = await startShow(fault);
const browser = await startBrowser();
try {
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: 1500, height: 1150 });
  await page.goto(show.workspace.pageUrl);
  await page.waitForSelector('body[data-ready]');
  await page.fill('#composer textarea', '@dbcheck who blocks whom on orders-prod?');
  await page.press('#composer textarea', 'Enter');
  await page.locator('button.replies').last().click();
  await page.locator('#replies button:has-text("Kill connection")').first().waitFor({ timeout: 30_000 });
  await page.locator('#replies .message').nth(2).scrollIntoViewIfNeeded();
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
} finally {
  await browser.close();
  await show.close();
}
