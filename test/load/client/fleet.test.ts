import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/processes.ts';
import { startLocalHost } from '../host/local-host.ts';
import type { UserSpaceHost } from '../host/user-space-host.ts';
import { diallers } from './dialling.ts';
import { Fleet } from './fleet.ts';

const count = 12;
const started: UserSpaceHost[] = [];
afterEach(() => {
  for (const host of started.splice(0)) host.close();
});

async function hostAndFleet({ password = 'their-password', profile = {} } = {}) {
  const { host, clients } = await startLocalHost(password);
  started.push(host);
  return { host, fleet: new Fleet({ client: await diallers({ ...clients, profile }) }) };
}

describe('a fleet of clients over UDP', { timeout: 60_000 }, () => {
  test.each([{}, { ipsec: { ikeProposals: ['aes256-sha1-modp2048'], espProposals: ['aes256-sha1'] } }])(
    'passes a packet through each session, again and again, and leaves nothing behind (%o)',
    async (profile) => {
      const { host, fleet } = await hostAndFleet({ profile });
      await fleet.dial(count, 100);
      expect(await fleet.settled(20_000)).toHaveLength(count);
      expect(await fleet.echoAll(2, 20_000)).toBe(count);
      expect(new Set(fleet.members.map(({ connection }) => connection?.localAddress)).size).toBe(count);
      expect(host.left.slice(0, 4)).toEqual([count, count, count, count]);
      await fleet.hangUp(100, 20_000);
      expect(fleet.members.map(({ ended }) => ended?.code)).toEqual(Array<string>(count).fill('user.stopped'));
      await eventually('nothing to be left', 30_000, () => host.left.every((size) => size === 0));
    },
  );

  test('does not count as online who is not let in', async () => {
    const { fleet } = await hostAndFleet({ password: 'another' });
    await fleet.dial(2, 100);
    expect(await fleet.settled(20_000)).toEqual([]);
    expect(fleet.members.map(({ ended }) => ended?.code)).toEqual(['auth.rejected', 'auth.rejected']);
  });
});
