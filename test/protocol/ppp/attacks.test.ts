import { expect, test } from 'vitest';
import { protocols } from '../../../main/protocol/ppp/packet.ts';
import { LinkUnderTest, clientConfig, control, hostConfig, option, parse } from './links.ts';

const configureRequest = 1;
const authenticationOption = 3;

test('a request with more options than any protocol has is dropped: its answer would fit no packet', () => {
  const client = new LinkUnderTest(clientConfig);
  client.start(0);
  const many = Array.from({ length: 16_000 }, () => option(authenticationOption)); // each Nak is larger than what it naks
  expect(client.receive(control(protocols.lcp, configureRequest, 1, many))).toEqual([]);
  expect(client.cause).toBeUndefined();
});

test('a host whose only method is forbidden outside IPsec lets nobody in without one', () => {
  const host = new LinkUnderTest({ ...hostConfig, methods: ['pap'], insideIpsec: false });
  expect(host.start(0)).toEqual([]);
  expect(host.cause).toEqual({ code: 'noCommonAuthentication', offered: ['pap'] });
});

test('a client that is being authenticated speaks no network protocol, whatever the peer sends', () => {
  const client = new LinkUnderTest(clientConfig);
  const [request] = client.start(0);
  client.receive(control(protocols.lcp, configureRequest, 1, [option(authenticationOption, 0xc2, 0x23, 0x81)]));
  const { identifier, data } = parse(request ?? new Uint8Array());
  client.receive(control(protocols.lcp, 2, identifier, data));
  const answers = [
    ...client.receive(control(protocols.ipcp, configureRequest, 1, [option(3, 10, 0, 0, 1)])),
    ...client.receive(control(protocols.ipcp, 2, 1, [])),
    ...client.receive(control(protocols.chap, 3, 0, 'S=0000000000000000000000000000000000000000')),
  ];
  expect(answers).toEqual([]);
  expect(client.all('authenticated')).toEqual([]);
});
