import { expect, test } from 'vitest';
import { stepLink } from '../../../main/protocol/ppp/index.ts';
import { protocols } from '../../../main/protocol/ppp/packet.ts';
import { LinkUnderTest, clientConfig, control, hostConfig, option, parse } from './links.ts';

const { lcp, ipcp, pap } = protocols;

/** Up to the network layer without authentication. */
function opened(more: Partial<typeof clientConfig> = {}): LinkUnderTest {
  const link = new LinkUnderTest({ ...clientConfig, ipv6: false, ...more });
  const [request] = link.start(0).map(parse);
  link.receive(control(lcp, 2, request?.identifier ?? 0, request?.data));
  link.receive(control(lcp, 1, 1));
  return link;
}

/** Answers IPCP until it is open. */
function connected(more: Partial<typeof clientConfig> = {}): LinkUnderTest {
  const link = opened({ requestDns: false, requestWins: false, ...more });
  const address = [option(3, 10, 0, 0, 2)];
  const again = link.receive(control(ipcp, 3, 1, address)).map(parse)[0];
  link.receive(control(ipcp, 2, again?.identifier ?? 0, address));
  link.receive(control(ipcp, 1, 1, [option(3, 10, 0, 0, 1)]));
  expect(link.up).toMatchObject({ local: '10.0.0.2', remote: '10.0.0.1' });
  return link;
}

test('requests to a silent peer go out again, ever slower, and LCP gives up after 15 s or more', () => {
  const link = new LinkUnderTest(clientConfig);
  link.start(0);
  const sent = link.wait(60_000);
  expect(sent.slice(0, 5).map(({ atMs }) => atMs)).toEqual([300, 900, 2100, 4500, 7500]);
  expect(new Set(sent.map(({ sent: { identifier } }) => identifier)).size).toBe(1);
  const [closed] = link.all('closed');
  expect(closed?.cause).toEqual({ code: 'lcpTimeout', heardPeer: false });
  expect(sent.at(-1)?.atMs).toBeGreaterThanOrEqual(15_000);
});

test('a peer that acknowledges but never asks does not hold us for ever', () => {
  const link = new LinkUnderTest(clientConfig);
  let frames = link.start(0);
  for (let turn = 0; turn < 200 && link.cause === undefined; turn++) {
    for (const { identifier, data, code } of frames.map(parse)) {
      if (code === 1) link.receive(control(lcp, 2, identifier, data));
    }
    frames = link.tick(link.deadlineMs() ?? link.nowMs);
  }
  expect(link.cause).toEqual({ code: 'lcpTimeout', heardPeer: true });
});

test('a peer that refuses everything again and again does not keep us busy for ever', () => {
  const link = new LinkUnderTest(clientConfig);
  let frames = link.start(0);
  let exchanges = 0;
  while (frames.length > 0 && exchanges < 1000) {
    exchanges += 1;
    frames = frames.flatMap((bytes) => link.receive(control(lcp, 3, parse(bytes).identifier, [option(99, 1)])));
  }
  expect(exchanges).toBeLessThan(30);
});

test.each([
  ['silent IPCP', undefined, { code: 'ipcpTimeout', heardPeer: false }],
  ['an IPCP that asks but never answers', control(ipcp, 1, 1, [option(3, 10, 0, 0, 1)]), { code: 'noAddress' }],
])('%s ends with its cause', (_, frame, cause) => {
  const link = opened();
  if (frame !== undefined) link.receive(frame);
  link.wait(60_000);
  expect(link.cause).toEqual(cause);
});

test('a verdict that never comes ends authentication, a slow one does not', () => {
  const link = new LinkUnderTest({ ...clientConfig, ipv6: false });
  const [request] = link.start(0).map(parse);
  link.receive(control(lcp, 2, request?.identifier ?? 0, request?.data));
  link.receive(control(lcp, 1, 1, [option(3, 0xc0, 0x23)]));
  link.wait(59_000);
  expect(link.state.at).toBe('authenticating');
  expect(link.wait(60_000).filter(({ sent }) => sent.protocol === pap).length).toBeLessThan(25);
  link.wait(65_000);
  expect(link.cause).toEqual({ code: 'authenticationTimeout', method: 'pap' });
});

test('echoes measure the round trip, and their absence ends the link', () => {
  const link = connected({ echo: { intervalMs: 1000, failures: 3 } });
  const [echo] = link.wait(1000);
  expect(echo?.sent).toMatchObject({ protocol: lcp, code: 9 });
  link.receive(control(lcp, 10, echo?.sent.identifier ?? 0, new Uint8Array(4)), 1040);
  expect(link.all('roundTrip')).toEqual([{ kind: 'roundTrip', roundTripMs: 40 }]);
  link.wait(3900);
  link.input({ kind: 'activity' });
  link.wait(6900);
  expect(link.cause).toBeUndefined();
  link.wait(9000);
  expect(link.cause).toEqual({ code: 'echoTimeout', unanswered: 3 });
  expect(link.all('ipv4Down')).toHaveLength(1);
});

test('a peer that rejects echoes is asked no more', () => {
  const link = connected({ echo: { intervalMs: 1000, failures: 2 } });
  link.wait(1000);
  link.receive(control(lcp, 7, 1, Uint8Array.of(9, 1, 0, 8)));
  expect(link.wait(20_000)).toEqual([]);
});

test('a peer that begins anew takes the network down and gets everything again', () => {
  const link = connected();
  const frames = link.receive(control(lcp, 1, 77, [option(5, 9, 9, 9, 9)])).map(parse);
  expect(link.all('ipv4Down')).toHaveLength(1);
  expect(frames.map(({ code }) => code)).toEqual([1, 2]);
  const [request] = frames;
  link.receive(control(lcp, 2, request?.identifier ?? 0, request?.data));
  expect(link.all('lcpUp')).toHaveLength(2);
  expect(link.state.at).toBe('network');
});

test('a late copy of the request that opened LCP tears nothing down', () => {
  const link = connected();
  expect(link.receive(control(lcp, 1, 1)).map(parse)).toMatchObject([{ protocol: lcp, code: 2, identifier: 1 }]);
  expect(link.all('ipv4Down')).toEqual([]);
});

test('after closed nothing happens', () => {
  const link = connected();
  link.input({ kind: 'lowerDown' });
  expect(link.cause).toEqual({ code: 'lowerDown' });
  const { state, crypto } = link;
  for (const input of [
    { kind: 'lowerUp' },
    { kind: 'frame', bytes: control(lcp, 1, 1) },
    { kind: 'tick' },
    { kind: 'close' },
  ] as const) {
    expect(stepLink(state, input, { nowMs: 1e6, crypto })).toEqual({ state, effects: [] });
  }
});

test('a closed link holds no secret', () => {
  const link = connected();
  link.input({ kind: 'lowerDown' });
  expect(JSON.stringify(link.state)).not.toContain('alice-pass');
});

test('stale verdicts are ignored', () => {
  const host = new LinkUnderTest({ ...hostConfig, methods: ['pap'], ipv6: false });
  const [request] = host.start(0).map(parse);
  host.receive(control(lcp, 2, request?.identifier ?? 0, request?.data));
  host.receive(control(lcp, 1, 1));
  host.receive(control(pap, 1, 1, Uint8Array.of(1, 65, 1, 66)));
  expect(host.input({ kind: 'verdict', attempt: 7, verdict: { ok: true } })).toEqual([]);
  expect(host.input({ kind: 'verdict', attempt: 1, verdict: { ok: true } })).toHaveLength(1);
});
