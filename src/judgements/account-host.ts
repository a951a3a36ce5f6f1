/** An account's host as CREATE USER takes it: a name, an address, a pattern with % and _, or an address with a netmask. */
export function matchesHost(pattern: string, client: string): boolean {
  const [address, mask] = pattern.split('/');
  if (address !== undefined && mask !== undefined) return inNetwork(client, address, mask);
  return likePattern(pattern).test(client);
}

/**
 * The account that the server takes for a client, as it sorts them: exact hosts before patterns, and of patterns
 * the one with more text before its first wildcard.
 */
export function accountFor<Account extends { readonly host: string }>(
  accounts: readonly Account[],
  client: string,
): Account | undefined {
  return accounts
    .filter(({ host }) => matchesHost(host, client))
    .toSorted((a, b) => literalLength(b.host) - literalLength(a.host))[0];
}

function literalLength(host: string): number {
  const wildcard = host.search(/[%_]/);
  return wildcard < 0 ? Infinity : wildcard;
}

function likePattern(pattern: string): RegExp {
  const source = [...pattern]
    .map((character) => (character === '%' ? '.*' : character === '_' ? '.' : character.replace(/[^\w]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 'isu');
}

function inNetwork(client: string, address: string, mask: string): boolean {
  const [own, network, bits] = [client, address, mask].map(addressBits);
  if (own === undefined || network === undefined || bits === undefined) return false;
  return (own & bits) === (network & bits);
}

function addressBits(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8) | part, 0);
}
