import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Browser, startBrowser } from '../../../lab/slack/page/chromium.ts';
import { type Bench, startBolt } from './bolt-app.ts';
import { registerPageApp } from './page-app.ts';

let browser: Browser;
let bench: Bench;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await startBrowser();
}, 300_000);
afterAll(() => browser?.close());

beforeEach(async () => {
  let isBroken = false;
  bench = await startBolt('socket', registerPageApp, {
    shortcuts: [{ callbackId: 'check_alert', title: 'Check the database' }],
    controls: [
      {
        id: 'row-lock-chain',
        title: 'Row lock chain',
        description: 'One transaction holds a lock and others wait.',
        run: async () => {
          isBroken = true;
          return 'thread 8412 holds the lock';
        },
        undo: async () => (isBroken ? 'released' : 'nothing to release'),
      },
      {
        id: 'fails',
        title: 'A control that fails',
        description: '',
        run: () => Promise.reject(new Error('the server is already down')),
      },
    ],
  });
  complaints = [];
  page = await browser.context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(bench.workspace.pageUrl);
  await page.waitForSelector('body[data-ready]');
});

afterEach(async () => {
  await page.close();
  await bench.close();
});

async function say(text: string, form = '#composer'): Promise<void> {
  await page.fill(`${form} textarea`, text);
  await page.press(`${form} textarea`, 'Enter');
}

async function openReport(): Promise<void> {
  await say('@dbcheck why is orders-prod slow?');
  await page.click('button.replies');
  await page.waitForSelector('#replies .data-table');
}

const texts = (selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();

describe('the page in a browser', () => {
  it('shows a question, its thread and a report, live and without complaints', async () => {
    await openReport();
    expect(await texts('#replies .message header b')).toEqual(['Ada Lovelace', 'dbcheck']);
    expect(await page.innerText('#messages .message .body')).toContain('@dbcheck why is orders-prod slow?');
    expect(await page.innerText('#replies h3')).toBe('orders-prod is critical');
    expect(await page.locator('#replies svg[role="img"]').getAttribute('aria-label')).toBe(
      'line chart: Threads running',
    );

    bench.workspace.user('ben').message('incidents', 'I see it too');
    await page.waitForSelector('#messages .message:has-text("I see it too")');
    expect(complaints).toEqual([]);
    bench.workspace.assertNoViolations();
  });

  it('shows text of a database as text', async () => {
    await openReport();
    expect(await page.innerText('#replies .with-accessory')).toMatch(/<script>\s?alert\(1\)<\/script>/);
    expect(await page.locator('#replies script').count()).toBe(0);
    bench.workspace.user('ben').message('incidents', '<img src=x onerror=alert(1)> "quoted" & more');
    await page.waitForSelector('#messages .message:has-text("onerror")');
    expect(await page.locator('#messages img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('shows emoji as such and leaves a time of day alone', async () => {
    bench.workspace.user('ben').message('incidents', 'since 02:39:45 :eyes: :no-such-emoji:');
    await page.waitForSelector('#messages .message:has-text("since")');
    expect(await page.innerText('#messages .message .body')).toContain('since 02:39:45');
    const { channel } = bench.workspace.messages('incidents')[0]!;
    await bench.app.client.chat.postMessage({ channel, text: 'since 02:39:45 :eyes: :no-such-emoji:' });
    await page.waitForSelector('#messages .message:has-text("👀")');
    expect(await page.locator('#messages .message .body').last().innerText()).toMatch(
      /^since 02:39:45 👀\s:no-such-emoji:$/u,
    );
  });

  it('sorts a data table by numbers and turns its pages', async () => {
    await openReport();
    const shown = () => texts('#replies .data-table tbody tr:visible td:nth-child(2)');
    expect(await shown()).toEqual(['305', '312', '12']);
    await page.click('#replies th:has-text("waited")');
    expect(await shown()).toEqual(['4', '12', '99']);
    await page.click('#replies th:has-text("waited")');
    expect(await shown()).toEqual(['312', '305', '99']);
    await page.click('#replies .pager [data-page="1"]');
    expect(await shown()).toEqual(['12', '4']);
    expect(await page.innerText('#replies .pager span')).toBe('2 of 2');
  });

  it('takes a person through button, confirmation, modal, error and submission', async () => {
    await openReport();
    await page.click('button:has-text("Kill query 8412")');
    expect(await page.innerText('#confirm p')).toBe('Rolls back 3 rows.');
    await page.click('#confirm button:has-text("No")');
    expect(bench.workspace.deliveries.filter((delivery) => delivery.name === 'block_actions')).toEqual([]);

    await page.click('button:has-text("Kill query 8412")');
    await page.click('#confirm button:has-text("Kill it")');
    await page.waitForSelector('#modal[open] h1:has-text("Kill query")');
    await page.click('#modal button:has-text("Kill") >> nth=-1');
    await page.waitForSelector('#toast:has-text("is required")');
    await page.fill('#modal input', 'no');
    await page.click('#modal button.primary');
    await page.waitForSelector('.input-error:has-text("Say more than that")');
    expect(await page.inputValue('#modal input')).toBe('no');
    await page.fill('#modal input', 'it blocks orders');
    await page.click('#modal button.primary');
    await page.waitForSelector('#replies .message:has-text("killed by @ada: it blocks orders")');
    expect(await page.locator('#modal[open]').count()).toBe(0);
  });

  it('closes a modal by its cross, and tells the app nothing when that did not ask', async () => {
    await openReport();
    await page.click('button:has-text("Kill query 8412")');
    await page.click('#confirm button:has-text("Kill it")');
    await page.click('#modal[open] .cross');
    await page.waitForSelector('#modal:not([open])', { state: 'attached' });
    expect(bench.workspace.views('ada')).toEqual([]);
    expect(bench.workspace.deliveries.some((delivery) => delivery.name === 'view_closed')).toBe(false);
  });

  it('offers options of the app while a person types', async () => {
    await openReport();
    await page.fill('#replies .combobox input', 'bill');
    await page.waitForSelector('.offers button:has-text("billing-prod")');
    await page.waitForSelector('.offers button:has-text("orders-prod")', { state: 'detached' });
    expect(await texts('.offers button')).toEqual(['billing-prod']);
    await page.locator('.offers button').dispatchEvent('mousedown');
    await page.waitForSelector('#replies .message:has-text("going on with billing-prod")');
  });

  it('stops a running session', async () => {
    await openReport();
    await page.click('#status .stop');
    await page.waitForSelector('#replies .message:has-text("stopped as you wished")');
    await page.waitForSelector('#status .stop', { state: 'detached' });
  });

  it('shows what only one person sees to that person only', async () => {
    await say('/dbcheck help');
    await page.waitForSelector('.message.ephemeral:has-text("here is what I can do")');
    await page.selectOption('[data-do="be"]', { label: 'Ben Okafor' });
    await page.waitForSelector('.message.ephemeral', { state: 'detached' });
    await say('hello from Ben');
    await page.waitForSelector('.message:has-text("hello from Ben")');
    expect(bench.workspace.messages('incidents').at(-1)?.user).toBe('U0BEN00001');
  });

  it('offers message shortcuts on an alert', async () => {
    bench.workspace
      .bot('alertmanager')
      .post('incidents', { text: '', attachments: [{ title: 'FIRING: lag', text: 'x' }] });
    const alert = page.locator('.message:has-text("FIRING: lag")');
    await alert.hover();
    await alert.locator('button:has-text("Check the database")').click();
    await page.click('button.replies');
    await page.waitForSelector('#replies .message:has-text("checking this alert")');
  });

  it('shows the home tab that the app publishes', async () => {
    await page.click('.channel:has-text("dbcheck")');
    await page.click('[data-tab="home"]');
    await page.waitForSelector('#home h3:has-text("My targets")');
    expect(await page.isVisible('#composer')).toBe(false);
    await page.click('[data-tab="messages"]');
    await say('hello in private', '#composer');
    await page.waitForSelector('#messages .message:has-text("hello in private")');
  });

  it('shows the traffic with the verdicts of the validator', async () => {
    await openReport();
    const { channel } = bench.workspace.messages('incidents')[0]!;
    const tooLong = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }];
    await bench.app.client.chat.postMessage({ channel, text: 'x', blocks: tooLong }).catch(() => {});
    await page.click('#top [data-panel="traffic"]');
    const refused = page.locator('.call:has(.verdict.bad)');
    await refused.locator('summary').click();
    expect(await refused.locator('.violation').innerText()).toBe(
      '/blocks/0/text/text must be less than 3001 characters, is 3001',
    );
    expect(await page.innerText('#violations')).toBe('1');
    expect(await page.locator('.call:has-text("app_mention") .outcome').innerText()).toMatch(/^acknowledged · \d+ ms$/);
    expect(await page.locator('.verdict.good').count()).toBeGreaterThan(0);
  });

  it('runs the controls it was given, and tells when one fails', async () => {
    await page.click('#top [data-panel="controls"]');
    const control = page.locator('.control:has-text("Row lock chain")');
    await control.locator('button:has-text("Break it")').click();
    await control.locator('output:has-text("thread 8412 holds the lock")').waitFor();
    await control.locator('button:has-text("Undo")').click();
    await control.locator('output:has-text("released")').waitFor();
    await page.click('.control:has-text("fails") button');
    await page.waitForSelector('#toast:has-text("the server is already down")');
  });

  it('comes back to the same place after a reload', async () => {
    await page.click('.channel:has-text("dba-private")');
    await say('a secret');
    await page.reload();
    await page.waitForSelector('#messages .message:has-text("a secret")');
    expect(await page.innerText('#title b')).toContain('dba-private');
  });
});
