import { expect, test } from 'vitest';
import { profile, type Profile } from '../../main/contracts/profile.ts';
import { proposalStages } from '../../main/session/proposals.ts';

function ipsec(members: object): Profile['ipsec'] {
  return profile.parse({ version: 1, name: 'test', gateway: 'vpn.example.com', ipsec: members }).ipsec;
}

function isLegacy({ cipher, group }: { cipher: string; group?: string }): boolean {
  return cipher === '3des-cbc' || group === 'modp1024';
}

test.each([
  ['modern', 1],
  ['compatible', 2],
  ['legacy', 3],
] as const)('the ladder of %s has %i rungs, each a short list', (security, rungs) => {
  const stages = proposalStages(ipsec({ security }));
  expect(stages).toHaveLength(rungs);
  for (const { ike, esp } of stages) expect([ike.length, esp.length].every((length) => length <= 5)).toBe(true);
});

test('3DES and MODP 1024 are offered only where the profile allows legacy proposals, and last', () => {
  const legacyRungs = (members: object): boolean[] =>
    proposalStages(ipsec(members)).map(({ ike, esp }) => [...ike, ...esp].some(isLegacy));
  expect(legacyRungs({ security: 'modern' })).toEqual([false]);
  expect(legacyRungs({})).toEqual([false, false]);
  expect(legacyRungs({ security: 'legacy' })).toEqual([false, false, true]);
});

test('an exact list is offered as it is, in one rung', () => {
  const stages = proposalStages(ipsec({ ikeProposals: ['aes192-sha512-ecp521'], espProposals: ['aes128gcm16'] }));
  expect(stages).toEqual([
    {
      ike: [{ cipher: 'aes-192-cbc', hash: 'sha512', group: 'ecp521' }],
      esp: [{ cipher: 'aes-gcm-16', keyBits: 128, integrity: 'none' }],
    },
  ]);
});
