import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerInform,
  type DhcpMessage,
  type InformFacts,
  messageTypes,
  namedOptions,
  optionValue,
  writeDhcp,
} from '../../../main/protocol/dhcp/index.ts';
import * as arbitrary from './arbitraries.ts';
import { appleInform, windowsInform } from './stock-informs.ts';

const facts: InformFacts = {
  host: '10.99.0.1',
  dnsServers: ['10.20.0.1', '10.20.0.2'],
  domains: ['office.example', 'example'],
  networks: ['10.20.0.0/16', '192.168.7.0/24'],
  wins: ['10.20.0.9'],
};
const routes = facts.networks.map((network) => ({ network, router: facts.host }));
const codes = (message: DhcpMessage): number[] => [...message.options.keys()];

describe('a client is told what it asks for', () => {
  test('Windows: name servers, domain, WINS, and the routes in both options', () => {
    const asked = windowsInform('10.99.0.17');
    const { message, networksLeftOut } = answerInform(asked, facts, 1400);
    expect(message).toMatchObject({ op: 'reply', xid: asked.xid, ciaddr: '10.99.0.17', yiaddr: '0.0.0.0' });
    expect(message.hardware).toEqual(asked.hardware);
    expect(codes(message)).toEqual([53, 54, 6, 15, 249, 44, 121]);
    expect(optionValue(message.options, 'messageType')).toBe(messageTypes.ack);
    expect(optionValue(message.options, 'microsoftRoutes')).toEqual(routes);
    expect(optionValue(message.options, 'classlessRoutes')).toEqual(routes);
    expect(optionValue(message.options, 'domainName')).toBe('office.example');
    expect(networksLeftOut).toBe(0);
  });

  test('Apple: no option of Microsoft, and the message type comes first of all', () => {
    const { message } = answerInform(appleInform('10.99.0.17').message, facts, 1400);
    expect(codes(message)).toEqual([53, 54, 6, 15, 121, 44]);
    expect(writeDhcp(message).subarray(240, 243)).toEqual(Uint8Array.of(53, 1, messageTypes.ack));
  });

  test('who lists nothing gets all there is; no lease time, since there is no lease', () => {
    const asked = { ...windowsInform('10.99.0.17'), options: namedOptions({ messageType: messageTypes.inform }) };
    expect(codes(answerInform(asked, facts, 1400).message)).toEqual([53, 54, 6, 15, 121, 44, 119, 249]);
    const nothing = { ...facts, dnsServers: [], domains: [], networks: [], wins: [] };
    expect(codes(answerInform(asked, nothing, 1400).message)).toEqual([53, 54]);
  });
});

describe('what does not fit', () => {
  const networks = Array.from({ length: 400 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);

  test('many routes go out once, beyond 576 bytes, and as many as the link takes', () => {
    const { message, networksLeftOut } = answerInform(windowsInform('10.99.0.17'), { ...facts, networks }, 1400);
    expect(codes(message)).toEqual([53, 54, 6, 15, 249, 44]);
    const told = optionValue(message.options, 'microsoftRoutes') ?? [];
    expect(told.map(({ network }) => network)).toEqual(networks.slice(0, told.length));
    expect(networksLeftOut).toBe(400 - told.length);
    expect(told.length).toBeGreaterThan(130);
  });

  test('a limit of the client counts', () => {
    const asked = windowsInform('10.99.0.17');
    const options = new Map([...asked.options, ...namedOptions({ maxMessageBytes: 700 })]);
    const { message } = answerInform({ ...asked, options }, { ...facts, networks }, 1400);
    expect(writeDhcp(message).length + 28).toBeLessThanOrEqual(700);
    expect(optionValue(message.options, 'microsoftRoutes')?.length).toBeGreaterThan(40);
  });

  test('no answer is ever longer than the link or the client allows', () => {
    const limits = fc.option(fc.nat(2000), { nil: undefined });
    const wishes = fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined });
    const anyFacts = fc.record({
      host: arbitrary.ipv4,
      dnsServers: fc.array(arbitrary.ipv4, { maxLength: 8 }),
      domains: fc.array(arbitrary.domain, { maxLength: 32 }),
      networks: fc.array(arbitrary.network, { maxLength: 300 }),
      wins: fc.array(arbitrary.ipv4, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(anyFacts, fc.integer({ min: 576, max: 1500 }), limits, wishes, (known, mtu, named, asksFor) => {
        const options = namedOptions({
          messageType: messageTypes.inform,
          ...(named !== undefined && { maxMessageBytes: named }),
          ...(asksFor !== undefined && { asksFor }),
        });
        const { message, networksLeftOut } = answerInform({ ...windowsInform('10.0.0.1'), options }, known, mtu);
        expect(writeDhcp(message).length + 28).toBeLessThanOrEqual(Math.min(mtu, Math.max(named ?? mtu, 576)));
        for (const code of [...message.options.keys()].slice(2)) {
          if (asksFor !== undefined) expect(asksFor).toContain(code);
        }
        const first =
          optionValue(message.options, 'microsoftRoutes') ?? optionValue(message.options, 'classlessRoutes');
        if (first !== undefined) expect(first.length).toBe(known.networks.length - networksLeftOut);
      }),
      { numRuns: 200 },
    );
  });
});
