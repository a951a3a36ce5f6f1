import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ReplicationPair,
  replicaStatus,
  replicateFrom,
  startPair,
  waitUntilCaughtUp,
} from '../../../lab/mariadb/replicate.ts';

describe('replication pair', () => {
  let pair: ReplicationPair;
  beforeAll(async () => {
    pair = await startPair({ replicas: [{ semiSync: true }, { delaySeconds: 300, channel: 'late' }] });
  });
  afterAll(() => pair.stop());

  it('replicates by GTID, acknowledged by the semi-synchronous replica', async () => {
    const [follower] = pair.replicas;
    await pair.primary.query("UPDATE shop.orders SET note = 'replicated' WHERE id = 1");
    await waitUntilCaughtUp(follower!, pair.primary);
    expect(await follower!.query('SELECT note FROM shop.orders WHERE id = 1')).toEqual([{ note: 'replicated' }]);
    expect(await pair.primary.query("SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'")).toMatchObject([{ Value: '1' }]);
  });

  it('delays a named channel on purpose', async () => {
    const [status] = await replicaStatus(pair.replicas[1]!);
    expect(status).toMatchObject({ Connection_name: 'late', SQL_Delay: 300, Using_Gtid: 'Slave_Pos' });
  });

  it('refuses a primary without an address', async () => {
    await expect(replicateFrom(pair.primary, pair.replicas[0]!)).rejects.toThrow('needs a port');
  });
});
