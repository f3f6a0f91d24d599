import { expect, test } from 'vitest';
import { protocols } from '../../../main/protocol/ppp/packet.ts';
import { concat, fromHex, latin1, toHex, utf8 } from '../../../main/protocol/wire/bytes.ts';
import {
  LinkUnderTest,
  clientConfig,
  control,
  hostConfig,
  hostLink,
  option,
  optionsOf,
  parse,
  type Parsed,
} from './links.ts';

/** Peers as they were seen on the wire (docs/field-notes.md and test/support/peers), spoken by hand. */

const { lcp, chap, pap, ipcp, ipv6cp, ccp } = protocols;
const eap = option(3, 0xc2, 0x27);
const mschapv2 = option(3, 0xc2, 0x23, 0x81);
const mschapv1 = option(3, 0xc2, 0x23, 0x80);
const papOption = option(3, 0xc0, 0x23);

function client(more: Partial<typeof clientConfig> = {}) {
  return new LinkUnderTest({ ...clientConfig, ipv6: false, requestWins: false, ...more });
}

function only(frames: readonly Uint8Array[], protocol: number, code: number): Parsed | undefined {
  return frames.map(parse).find((frame) => frame.protocol === protocol && frame.code === code);
}

function types(frame: Parsed | undefined): number[] {
  return optionsOf(frame).map(({ type }) => type);
}

/** Brings LCP up by acknowledging whatever is asked; the peer demands `demand`. */
function openLcp(link: LinkUnderTest, demand = [mschapv2]): Uint8Array[] {
  const [request] = link.start(0).map(parse);
  link.receive(control(lcp, 2, request?.identifier ?? 0, request?.data));
  return link.receive(control(lcp, 1, 1, demand));
}

/** Opens and authenticates by PAP; returns what follows. */
function openPap(link: LinkUnderTest): Uint8Array[] {
  const request = only(openLcp(link, [papOption]), pap, 1);
  return link.receive(control(pap, 2, request?.identifier ?? 0, Uint8Array.of(0)));
}

test('SoftEther: echoes before LCP, rejects, EAP first, a Reject where its DHCP gave nothing', () => {
  const link = client();
  const [request] = link.start(0).map(parse);
  // One packet at a time is all it handles: neither an answer nor a repetition, since ours was only just sent.
  expect(link.receive(control(lcp, 9, 1, concat(new Uint8Array(4), latin1('Aho Baka Manuke'))))).toEqual([]);

  const rejected = optionsOf(request).filter(({ type }) => type !== 1);
  const second = only(link.receive(control(lcp, 4, request?.identifier ?? 0, rejected)), lcp, 1);
  expect(types(second)).toEqual([1]);
  expect(optionsOf(only(link.receive(control(lcp, 1, 2, [eap])), lcp, 3))).toEqual([mschapv2]);
  expect(only(link.receive(control(lcp, 1, 3, [mschapv2])), lcp, 2)).toBeDefined();
  link.receive(control(lcp, 2, second?.identifier ?? 0, second?.data));
  expect(link.all('lcpUp')).toMatchObject([
    { magic: 0, compressAddressControl: false, compressProtocol: false, ourMruBytes: 1400 },
  ]);

  const response = only(link.receive(control(chap, 1, 4, concat(Uint8Array.of(16), new Uint8Array(16)))), chap, 2);
  expect(toHex(response?.data.subarray(50) ?? new Uint8Array())).toBe(toHex(utf8('CORP\\alice')));
  expect(link.receive(control(chap, 4, 4, `E=691 R=0 C=${'0'.repeat(32)} V=3`)).map(parse)).toMatchObject([
    { protocol: lcp, code: 5 },
  ]);
  link.wait(10_000);
  expect(link.cause).toMatchObject({ code: 'authenticationRejected', reason: 691, retryAllowed: false });
});

test('SoftEther: hangs up when only CHAP-MD5 is left', () => {
  const link = client({ methods: ['chap-md5'] });
  link.start(0);
  [eap, mschapv2, papOption].forEach((demand, at) => link.receive(control(lcp, 1, at + 1, [demand])));
  link.receive(control(lcp, 5, 9));
  expect(link.cause).toEqual({ code: 'noCommonAuthentication', offered: ['eap', 'mschapv2', 'pap'] });
});

test('SoftEther: an address that its DHCP did not find is rejected, and its silence while it asks is survived', () => {
  const link = client();
  const request = only(openPap(link), ipcp, 1);
  expect(types(request)).toEqual([3, 129, 131]);
  const repeats = link.wait(4000).filter(({ sent }) => sent.protocol === ipcp);
  expect(repeats.map(({ sent }) => sent.identifier)).toEqual(repeats.map(() => request?.identifier));
  const rejected = optionsOf(request).filter(({ type }) => type === 131);
  const second = only(link.receive(control(ipcp, 4, request?.identifier ?? 0, rejected)), ipcp, 1);
  expect(types(second)).toEqual([3, 129]);
  link.receive(control(ipcp, 4, second?.identifier ?? 0, [option(3, 0, 0, 0, 0)]));
  link.wait(20_000);
  expect(link.cause).toEqual({ code: 'noAddress' });
});

test('pppd: an empty pool is a Nak of 0.0.0.0', () => {
  const link = client();
  const request = only(openPap(link), ipcp, 1);
  link.receive(control(ipcp, 3, request?.identifier ?? 0, [option(3, 0, 0, 0, 0)]));
  link.wait(20_000);
  expect(link.cause).toEqual({ code: 'noAddress' });
});

test('pppd: the first requests reach no one; its own first one brings ours at once', () => {
  const link = client();
  const [request] = link.start(0).map(parse);
  link.nowMs = 250;
  const peer = [option(1, 0x05, 0x78), option(2, 0, 0, 0, 0), mschapv2, option(5, 1, 2, 3, 4)];
  const frames = link.receive(control(lcp, 1, 1, peer)).map(parse);
  expect(frames.map(({ code }) => code)).toEqual([1, 2]);
  expect(frames[0]).toEqual(request);
  expect(
    link
      .receive(control(lcp, 1, 2, peer))
      .map(parse)
      .map(({ code }) => code),
  ).toEqual([2]);
});

test('pppd: takes Van Jacobson compression and CCP back when they are refused', () => {
  const link = client();
  openPap(link);
  const answer = link.receive(control(ipcp, 1, 1, [option(2, 0, 0x2d, 15, 1), option(3, 10, 99, 0, 1)]));
  expect(optionsOf(only(answer, ipcp, 4))).toEqual([option(2, 0, 0x2d, 15, 1)]);
  const refused = only(link.receive(control(ccp, 1, 1, [option(18, 1, 0, 0, 0x60)])), lcp, 8);
  expect(toHex(refused?.data.subarray(0, 2) ?? new Uint8Array())).toBe('80fd');
});

test('CCP outside IPsec opens without any compression', () => {
  const link = client({ insideIpsec: false });
  openLcp(link, []);
  const asked = link.receive(control(ccp, 1, 1, [option(18, 1, 0, 0, 0x60)]));
  expect(types(only(asked, ccp, 4))).toEqual([18]);
  expect(only(link.receive(control(ccp, 1, 2, [])), ccp, 2)).toBeDefined();
});

test('Windows: callback is rejected, its identification heard, an address asked for by name corrected', () => {
  const host = hostLink({ password: 'alice-pass' }, '10.99.0.10', { ...hostConfig, methods: ['pap'], ipv6: false });
  const [request] = host.start(0).map(parse);
  const asked = [option(1, 0x05, 0x78), option(5, 1, 2, 3, 4), option(7), option(8), option(13, 6)];
  expect(optionsOf(only(host.receive(control(lcp, 1, 0, asked)), lcp, 4))).toEqual([option(13, 6)]);
  host.receive(control(lcp, 2, request?.identifier ?? 0, request?.data));
  host.receive(control(lcp, 1, 1, asked.slice(0, 4)));
  host.receive(control(lcp, 12, 2, concat(Uint8Array.of(1, 2, 3, 4), latin1('MSRASV5.20'))));
  expect(host.all('peerIdent')).toEqual([{ kind: 'peerIdent', text: 'MSRASV5.20' }]);
  const credentials = concat(Uint8Array.of(5), utf8('alice'), Uint8Array.of(10), utf8('alice-pass'));
  const welcomed = host.receive(control(pap, 1, 3, credentials));
  expect(only(welcomed, pap, 2)).toBeDefined();
  expect(only(host.receive(control(pap, 1, 3, credentials)), pap, 2)).toBeDefined(); // the Ack was lost
  expect(host.all('verify')).toHaveLength(1);
  expect(only(host.receive(control(ipv6cp, 1, 4, [option(1, 0, 0, 0, 0, 0, 0, 0, 1)])), lcp, 8)).toBeDefined();
  const zero = [0, 0, 0, 0] as const;
  const wanted = [3, 129, 130, 131, 132].map((type) => option(type, ...zero));
  const suggested = optionsOf(only(host.receive(control(ipcp, 1, 5, wanted)), ipcp, 3));
  expect(suggested.map(({ data }) => data.join('.'))).toEqual([
    '10.99.0.10',
    '10.99.0.53',
    '10.99.0.42',
    '10.99.0.54',
    '10.99.0.42',
  ]);
  expect(only(host.receive(control(ipcp, 1, 6, suggested)), ipcp, 2)).toBeDefined();
});

test('a peer that asks for no address is told its own', () => {
  const host = hostLink({ password: '' }, '10.99.0.10', { ...hostConfig, methods: [], ipv6: false });
  openLcp(host, []);
  expect(optionsOf(only(host.receive(control(ipcp, 1, 1, [])), ipcp, 3))).toEqual([option(3, 10, 99, 0, 10)]);
});

test('an empty Configure-Request is acknowledged', () => {
  const link = client();
  link.start(0);
  expect(only(link.receive(control(lcp, 1, 7)), lcp, 2)).toMatchObject({ identifier: 7, data: new Uint8Array() });
});

test('MS-CHAPv1 is refused towards MS-CHAPv2', () => {
  const link = client();
  link.start(0);
  expect(optionsOf(only(link.receive(control(lcp, 1, 1, [mschapv1])), lcp, 3))).toEqual([mschapv2]);
});

test('a challenge that comes before LCP is open is answered once it is', () => {
  const link = client();
  const [request] = link.start(0).map(parse);
  link.receive(control(lcp, 1, 1, [mschapv2]));
  link.receive(control(chap, 1, 9, concat(Uint8Array.of(16), new Uint8Array(16), latin1('gw'))));
  const answers = link.receive(control(lcp, 2, request?.identifier ?? 0, request?.data));
  expect(only(answers, chap, 2)).toMatchObject({ identifier: 9 });
});

test('a failure that permits another try repeats nothing, not even to a new challenge', () => {
  const link = client({ userWaitMs: 30_000 });
  openLcp(link);
  const challenge = (identifier: number) => control(chap, 1, identifier, concat(Uint8Array.of(16), new Uint8Array(16)));
  link.receive(challenge(1));
  link.receive(control(chap, 4, 1, `E=691 R=1 C=${'ab'.repeat(16)} V=3 M=no`));
  expect(link.all('credentialsRefused')).toEqual([{ kind: 'credentialsRefused', reason: 691, message: 'no' }]);
  expect(link.receive(challenge(2))).toEqual([]);
  expect(link.wait(20_000)).toEqual([]);
  link.receive(control(lcp, 5, 3)); // pppd ends after all
  link.wait(21_000);
  expect(link.cause).toMatchObject({ code: 'authenticationRejected', reason: 691, message: 'no' });
});

test('our own magic number coming back is a looped line', () => {
  const link = new LinkUnderTest({ ...clientConfig, ipv6: false });
  let frames = link.start(0);
  for (let turn = 0; turn < 100 && link.state.at === 'establishing'; turn++) {
    frames = frames.flatMap((frame) => link.receive(frame));
  }
  link.wait(10_000);
  expect(link.cause).toEqual({ code: 'lcpLoopback' });
});

test('unknown codes and protocols are rejected by name', () => {
  const link = client();
  openLcp(link, []);
  expect(only(link.receive(control(lcp, 99, 4, 'x')), lcp, 7)?.data).toEqual(fromHex('6304000578'));
  expect(only(link.receive(control(0x8281, 1, 1)), lcp, 8)?.data.subarray(0, 2)).toEqual(fromHex('8281'));
});

test('a Protocol-Reject of IPCP ends the link, of IPV6CP only IPv6', () => {
  const link = client({ ipv6: true });
  openLcp(link, []);
  link.receive(control(lcp, 8, 1, fromHex('8057')));
  expect(link.state.at).toBe('network');
  link.receive(control(lcp, 8, 2, fromHex('8021')));
  link.wait(10_000);
  expect(link.cause).toEqual({ code: 'ipcpRefused' });
});

test('a peer that negotiates anew after a refusal does not get the refused credentials again', () => {
  const link = client({ userWaitMs: 30_000 });
  openLcp(link);
  link.receive(control(chap, 1, 1, concat(Uint8Array.of(16), new Uint8Array(16))));
  link.receive(control(chap, 4, 1, `E=691 R=1 C=${'ab'.repeat(16)} V=3`));
  link.receive(control(lcp, 1, 50, [mschapv2, option(5, 1, 2, 3, 4)]));
  link.wait(10_000);
  expect(link.cause).toMatchObject({ code: 'authenticationRejected', reason: 691 });
});

test('an option that the peer insists on is rejected after five Naks (RFC 1661 §4.6)', () => {
  const link = client();
  link.start(0);
  const answers = Array.from({ length: 6 }, (_, at) => link.receive(control(lcp, 1, at + 1, [option(1, 0, 100)])));
  expect(answers.map((frames) => frames.map(parse).at(-1)?.code)).toEqual([3, 3, 3, 3, 3, 4]);
});
