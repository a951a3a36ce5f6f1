import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faults } from '../../lab/faults/registry.ts';
import { type Show, startShow } from '../../lab/show.ts';
import { type Browser, startBrowser } from '../../lab/slack/page/chromium.ts';

let browser: Browser;
let show: Show | undefined;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(() => browser?.close());
afterEach(async () => {
  await page?.close();
  show?.workspace.assertNoViolations();
  await show?.close();
  show = undefined;
});

async function open(faultId: string): Promise<Show> {
  const fault = faults.find(({ id }) => id === faultId);
  if (!fault) throw new Error(`no fault ${faultId}`);
  show = await startShow(fault);
  page = await browser.context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(show.workspace.pageUrl);
  await page.waitForSelector('body[data-ready]');
  return show;
}

async function ask(text: string): Promise<void> {
  await page.fill('#composer textarea', `@dbcheck ${text}`);
  await page.press('#composer textarea', 'Enter');
  await page.locator('button.replies').last().click();
}

async function type(text: string): Promise<void> {
  await page.fill('#composer textarea', text);
  await page.press('#composer textarea', 'Enter');
}

const inThread = (text: string) => page.locator(`#replies .message:has-text("${text}")`).last();
const be = (name: string) => page.locator('[data-do="be"]').selectOption({ label: name });

/** One person asks for the newest kill that is offered, another confirms it. */
async function approve(): Promise<void> {
  await be('Ada Lovelace');
  await page.locator('button.replies').last().click();
  await page.locator('#replies button:has-text("Kill connection")').last().click();
  await page.locator('#modal >> text=Rows to roll back').waitFor();
  await page.locator('#modal button.primary').click();
  await inThread('Confirm: kill connection').waitFor();
  await be('Ben Okafor');
  await page.locator('button.replies').last().click();
  await page.locator('#replies button:has-text("Confirm: kill connection")').last().click();
  await page.locator('#confirm button:has-text("Confirm")').click();
}

describe('an incident in the browser', () => {
  it('goes from the question over the report and a kill that two people approve to a server that recovers', async () => {
    const { stage } = await open('row-lock-chain');
    await ask('who blocks whom on orders-prod?');
    await inThread('2 sessions wait behind one idle transaction').waitFor();

    await approve();
    // The next in the chain got the row and keeps it: the same mistake in its application.
    await inThread('It is not over: 1 session waits').waitFor();
    await approve();
    await inThread('It helped').waitFor();
    const waiting = await stage.scene?.world.primary.query(
      'SELECT COUNT(*) AS n FROM information_schema.INNODB_LOCK_WAITS',
    );
    expect(Number(waiting?.[0]?.['n'])).toBe(0);
  });

  it('begins with a fault that a person picks from the menu, on servers of its own', async () => {
    const { stage } = await open('none');
    await page.click('#top [data-panel="controls"]');
    const menu = page.locator('.control select');
    expect(await menu.inputValue()).toBe('none');
    expect(await menu.locator('option').count()).toBe(faults.length);
    await menu.selectOption('no-primary-key');
    await page.click('.control button:has-text("Break it")');
    await page.locator('.control output:has-text("Proved on the server")').waitFor();
    expect(stage.scene?.fault.id).toBe('no-primary-key');
    await ask('are there tables without a primary key on orders-prod?');
    await inThread('primary key').waitFor();
  });
});

describe('what comes by itself, in the browser', () => {
  it('an alert opens a thread with a report, and its end closes it with a last look at a server that recovered', async () => {
    const { stage } = await open('row-lock-chain');
    await page.click('#top [data-panel="controls"]');
    const pager = page.locator('.control[data-control="alert"]');
    await pager.locator('button:has-text("Fire the alert")').click();
    const card = page.locator('#messages .message:has-text("Alert · orders-prod · DatabaseInTrouble")');
    await card.waitFor();
    await card.locator('button.replies').click();
    await inThread('2 sessions wait behind one idle transaction').waitFor();
    await stage.mend();
    await pager.locator('button:has-text("Resolve it")').click();
    await page.locator('#messages .message:has-text("Resolved · orders-prod")').waitFor();
    await inThread('A last look').waitFor();
    await inThread('🟢 Healthy · orders-prod').waitFor();
  });

  it('a scheduled check is made, paused and deleted by people who only click and type', async () => {
    await open('row-lock-chain');
    await type('/dbcheck schedule orders-prod every day at 08:00 Europe/Berlin running queries, notify on warning');
    const made = page.locator(
      '#messages .message:has-text("Schedule 1: orders-prod every day at 08:00 Europe/Berlin")',
    );
    await made.waitFor();
    await type('/dbcheck schedule run 1');
    const check = page.locator('#messages .message:has-text("Scheduled check 1 of")');
    await check.waitFor();
    await check.locator('button.replies').click();
    await inThread('2 sessions wait behind one idle transaction').waitFor();
    await made.locator('button:has-text("Pause schedule 1")').click();
    await page.locator('#messages .message:has-text("Paused: by a person")').waitFor();
    await page.locator('#messages button:has-text("Delete schedule 1")').click();
    await page.locator('#confirm button:has-text("Delete it")').click();
    await page.locator('#messages .message:has-text("Schedule 1 is deleted.")').waitFor();
  });
});

describe('a private answer in the browser', () => {
  it('is asked for in a channel, read in direct messages, and shared to another channel by its person', async () => {
    await open('row-lock-chain');
    await type('/dbcheck privately who blocks whom on orders-prod?');
    const sent = page.locator('#messages .message.ephemeral:has-text("The answer comes to you alone")');
    await sent.waitFor();
    await page.locator('#sidebar button.channel:has-text("dbcheck")').click();
    await page.locator('#messages .message:has-text("You ask privately") button.replies').click();
    await inThread('2 sessions wait behind one idle transaction').waitFor();
    await page.locator('#replies button:has-text("Share to channel")').click();
    const menu = page.locator('#modal select');
    await menu.waitFor();
    expect(await menu.locator('option').allTextContents()).not.toContain('#partner-shared');
    await menu.selectOption({ label: '#dba' });
    await page.locator('#modal button.primary').click();
    await page.locator('#sidebar button.channel:has-text("dba")').first().click();
    const shared = page.locator('#messages .message:has-text("shares a check")');
    await shared.waitFor();
    await shared.locator('button.replies').click();
    await inThread('2 sessions wait behind one idle transaction').waitFor();
  });

  it('and a check of an alert begin at the shortcuts of a message', async () => {
    const { workspace } = await open('row-lock-chain');
    const alert = workspace.bot('alertmanager').post('incidents', { text: 'Lock waits on orders-prod' });
    const card = page.locator(`#messages .message[data-ts="${alert.ts}"]`);
    await card.hover();
    await card.locator('button[data-callback="check_message"]').click();
    await card.locator('button.replies').click();
    await inThread('2 sessions wait behind one idle transaction').waitFor();
  });
});
