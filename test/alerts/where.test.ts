import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';

const target = { name: 'orders-prod', socket: '/run/a.sock', user: 'dbcheck' };
const read = (alerts: object) => () => parseConfig(JSON.stringify({ targets: [target], alerts }), 'dbcheck.yml', {});

describe('the alerts of a configuration', () => {
  it.each([
    ['a port that anybody could send to', { port: 9095 }, 'expected bearer (Alertmanager) or secret'],
    ['a token that is short', { port: 9095, bearer: 'short' }, '16 characters'],
    ['a route to no target', { routes: [{ match: { a: 'b' }, target: 'nope' }] }, '"nope" is no target of this file'],
    ['a pattern that is none', { routes: [{ match: { a: '(' } }] }, 'is no regular expression'],
    ['a channel by name', { channel: '#incidents' }, 'expected the id of a channel'],
  ])('are refused with %s', (_, alerts, message) => {
    expect(read(alerts)).toThrow(message);
  });

  it('are taken with a token on a port of this machine', () => {
    expect(read({ port: 9095, bearer: 'a-token-of-alertmanager' })().alerts).toMatchObject({
      host: '127.0.0.1',
      port: 9095,
    });
  });
});
