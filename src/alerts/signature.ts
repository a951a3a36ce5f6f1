import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request that was signed longer ago, or that far ahead, may be one that somebody recorded. As Slack has it. */
const maxAgeSeconds = 300;

/** The header `X-Dbcheck-Signature` of a body: HMAC-SHA256 over version, timestamp and body, as `v1=` and hex digits. */
export function signatureOf(secret: string, timestamp: string, body: Buffer | string): string {
  return `v1=${createHmac('sha256', secret).update(`v1:${timestamp}:`).update(body).digest('hex')}`;
}

export function isFresh(timestamp: string, nowMs: number): boolean {
  return /^\d{9,11}$/.test(timestamp) && Math.abs(nowMs / 1_000 - Number(timestamp)) <= maxAgeSeconds;
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
export function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
