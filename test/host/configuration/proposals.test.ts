import { describe, expect, test } from 'vitest';
import { hostIpsec } from '../../../main/contracts/host-ipsec.ts';
import { acceptedProposals, legacyAllowed, strengthOf } from '../../../main/host/configuration/index.ts';
import { parseEspProposal, parseIkeProposal } from '../../../main/session/proposals.ts';

const nowMs = Date.parse('2027-06-30T23:59:59.999Z');
const legacy = { until: '2027-06-30', reason: 'old cash registers' };

describe('what the host accepts', () => {
  test('holds what stock clients offer', () => {
    const { ike, esp } = acceptedProposals(hostIpsec.parse({}), nowMs);
    const windows = ['aes256-sha1-ecp384', 'aes128-sha1-ecp256', 'aes256-sha1-modp2048'];
    const apple = ['aes256-sha512-modp2048', 'aes256-sha256-modp1536', 'aes128-sha1-modp2048'];
    expect(ike).toEqual(expect.arrayContaining([...windows, ...apple]));
    expect(esp).toEqual(expect.arrayContaining(['aes256-sha1', 'aes128-sha1']));
  });

  test('is strongest first', () => {
    const order = acceptedProposals(hostIpsec.parse({ legacy }), nowMs).ike.map(strengthOf);
    expect(order).toEqual([
      ...order.filter((one) => one === 'modern'),
      ...order.filter((one) => one === 'compatible'),
      ...order.filter((one) => one === 'legacy'),
    ]);
  });

  test('has nothing broken without the legacy switch, and loses it when the switch runs out', () => {
    const strengths = (ipsec: object, atMs: number): Set<string> => {
      const { ike, esp } = acceptedProposals(hostIpsec.parse(ipsec), atMs);
      return new Set([...ike, ...esp].map(strengthOf));
    };
    expect(strengths({}, nowMs)).toEqual(new Set(['modern', 'compatible']));
    expect(strengths({ security: 'modern' }, nowMs)).toEqual(new Set(['modern']));
    expect(strengths({ legacy }, nowMs)).toContain('legacy');
    expect(strengths({ legacy }, nowMs + 1)).not.toContain('legacy');
    const exact = { legacy, ikeProposals: ['3des-md5-modp1024', 'aes256-sha1-modp2048'] };
    expect(acceptedProposals(hostIpsec.parse(exact), nowMs).ike).toEqual(exact.ikeProposals);
    expect(acceptedProposals(hostIpsec.parse(exact), nowMs + 1).ike).toEqual(['aes256-sha1-modp2048']);
    expect(legacyAllowed(hostIpsec.parse({ legacy }), nowMs + 1)).toBe(false);
  });

  test('is known to IKE, each name once', () => {
    const { ike, esp } = acceptedProposals(hostIpsec.parse({ legacy }), nowMs);
    expect(new Set(ike).size).toBe(ike.length);
    expect(() => [...ike.map(parseIkeProposal), ...esp.map(parseEspProposal)]).not.toThrow();
  });
});
