import { describe, expect, test } from 'vitest';
import { hostConfig, type HostConfig } from '../../../main/contracts/host-config.ts';
import {
  changedMembers,
  concerns,
  credentialOf,
  isConcerned,
  sharedKey,
} from '../../../main/host/configuration/index.ts';

const certificatesOf = (authority: string) => ({ own: [{ pkcs12: 'host.p12' }], trust: { authorities: [authority] } });
const base = {
  preSharedKey: 'a key that is long enough',
  preSharedKeys: [{ identity: { kind: 'address', value: '198.51.100.7' }, key: 'another key' }],
  pools: { office: { ranges: ['10.91.37.0/24'] }, guests: { ranges: ['10.91.38.0/24'] } },
  groups: { staff: { mtu: 1400 }, guests: {} },
  users: [{ name: 'ada', groups: ['staff'] }],
  certificates: certificatesOf('ca.pem'),
};
const read = (members: object = {}): HostConfig => hostConfig.parse({ ...base, ...members });

const ada = { user: 'ada', groups: ['staff'], pool: 'office', credential: sharedKey };
const carol = { user: 'carol', groups: ['guests'], pool: 'guests', credential: credentialOf({ certificate: {} }) };
const bob = { user: 'bob', groups: ['guests'], pool: 'guests', credential: 'address 198.51.100.7' };

/** Whom a change concerns. */
function whom(members: object): string[] {
  const by = concerns(read(), read(members));
  return [ada, bob, carol].filter((session) => isConcerned(by, session)).map(({ user }) => user);
}

describe('a reload concerns', () => {
  test.each<[string, object, string[]]>([
    ['nobody where nothing changed', {}, []],
    [
      'nobody where the order of members changed',
      { pools: { guests: base.pools.guests, office: base.pools.office } },
      [],
    ],
    ['the members of a group', { groups: { ...base.groups, staff: { mtu: 1300 } } }, ['ada']],
    [
      'who has an address of a pool',
      { pools: { ...base.pools, guests: { ranges: ['10.91.38.0/25'] } } },
      ['bob', 'carol'],
    ],
    ['nobody where certificates changed: they are judged again', { certificates: certificatesOf('other.pem') }, []],
    ['who had an address of a pool that is gone', { pools: { guests: base.pools.guests } }, ['ada']],
    ['a user', { users: [{ name: 'ada', groups: ['staff'], address: '10.91.37.9' }] }, ['ada']],
    ['a user who is listed no more', { users: [] }, ['ada']],
    ['who came in by the key of all', { preSharedKey: 'a new key, long enough' }, ['ada']],
    ['who came in by a key of its own', { preSharedKeys: [] }, ['bob']],
    ['everybody where the host moved', { listen: { addresses: ['203.0.113.10'] } }, ['ada', 'bob', 'carol']],
    ['nobody who is in already, where sign-in changed', { authentication: { timeout: 30 } }, []],
    ['nobody where the audit log moved', { audit: { file: '/tmp/a' } }, []],
  ])('%s', (_, members, expected) => {
    expect(whom(members)).toEqual(expected);
  });

  test('new sessions where sign-in changed', () => {
    expect([...concerns(read(), read({ authentication: { timeout: 30 } })).newSessions]).toEqual(['authentication']);
  });
});

describe('a change is described', () => {
  test('by its members, never by their values', () => {
    const next = read({
      preSharedKey: 'a new key, long enough',
      groups: { staff: { mtu: 1300 }, guests: {}, new: {} },
    });
    expect(changedMembers(read(), next)).toEqual(['preSharedKey', 'groups.staff.mtu', 'groups.new']);
  });
});
