/** The highest sequence number that a server has for each domain and origin: `0-1-118` is domain, server id, sequence. */
export interface Gtid {
  readonly domain: number;
  readonly serverId: number;
  readonly sequence: number;
}

/** Reads a GTID list such as `0-1-118,1-4-9`. What is no GTID is left out. */
function parseGtids(list: string): Gtid[] {
  return [...list.matchAll(/(\d+)-(\d+)-(\d+)/g)].map(([, domain, serverId, sequence]) => {
    return { domain: Number(domain), serverId: Number(serverId), sequence: Number(sequence) };
  });
}

/** How many sequence numbers `behind` lacks in each domain that `ahead` has; domains in step are left out. */
export function gtidDistance(ahead: string, behind: string): { readonly domain: number; readonly missing: number }[] {
  const reached = new Map<number, number>();
  for (const { domain, sequence } of parseGtids(behind))
    reached.set(domain, Math.max(reached.get(domain) ?? 0, sequence));
  return parseGtids(ahead)
    .map(({ domain, sequence }) => ({ domain, missing: sequence - (reached.get(domain) ?? 0) }))
    .filter(({ missing }) => missing > 0);
}

/**
 * Transactions that `serverId` wrote itself and that the primary does not have.
 * With the primary's binlog state the answer is exact. Without it, a server's own transaction counts as errant when it is
 * newer than everything that it has applied from its primary in that domain: a former primary's old writes are not.
 */
export function errantWrites(
  own: { readonly serverId: number; readonly binlogState: string; readonly slavePosition: string },
  primaryBinlogState: string | undefined,
): Gtid[] {
  const written = parseGtids(own.binlogState).filter(({ serverId }) => serverId === own.serverId);
  if (primaryBinlogState !== undefined) {
    const known = parseGtids(primaryBinlogState);
    return written.filter(
      (mine) =>
        !known.some(
          (theirs) =>
            theirs.domain === mine.domain && theirs.serverId === mine.serverId && theirs.sequence >= mine.sequence,
        ),
    );
  }
  const applied = parseGtids(own.slavePosition);
  return written.filter((mine) => {
    const position = applied.find(({ domain }) => domain === mine.domain);
    return position !== undefined && mine.sequence > position.sequence;
  });
}
