import { expect, test } from 'vitest';
import { tunnelDeadlineMs } from '../../../main/protocol/l2tp/index.ts';
import { config, connected, converse, Endpoint, message, names, only, read } from './support.ts';

test('a client needs five datagrams for tunnel and call, and SCCCN travels with ICRQ', () => {
  const lac = new Endpoint(config({ role: 'lac' }));
  const lns = new Endpoint(config({ role: 'lns' }));
  lac.give({ kind: 'call' });
  const wire = converse(lac, lns, 'a', lac.give({ kind: 'open' }));
  expect(wire.slice(0, 4)).toEqual(['a:SCCRQ', 'b:SCCRP', 'a:SCCCN', 'a:ICRQ']);
  expect(wire.filter((entry) => !entry.endsWith('ZLB'))).toEqual([
    'a:SCCRQ',
    'b:SCCRP',
    'a:SCCCN',
    'a:ICRQ',
    'b:ICRP',
    'a:ICCN',
  ]);
  expect(lac.last('tunnelUp')).toMatchObject({
    remoteTunnelId: 0x2222,
    remoteHostName: 'lns.test',
    remoteVendor: 'Culvert',
    remoteWindow: 8,
  });
  const [up, theirs] = [lac.last('callUp'), lns.last('callUp')];
  expect([up.localSessionId, up.remoteSessionId]).toEqual([theirs.remoteSessionId, theirs.localSessionId]);
  expect(up.direction).toBe('incoming');
  expect(up.callSerial).toBe(theirs.callSerial);
});

test('a gateway that takes one message at a time is sent no second before it acknowledged the first', () => {
  const [lac, lns] = connected({}, { receiveWindow: 1 });
  expect(lac.overran).toBe(false);
  expect(lns.all('callUp')).toHaveLength(1);
});

test('a call in a tunnel that is up is placed at once, and calls are told apart', () => {
  const [lac, lns] = connected();
  converse(lac, lns, 'a', lac.give({ kind: 'call' }));
  const ups = lns.all('callUp');
  expect(ups).toHaveLength(2);
  const gone = lac.all('callUp')[0]?.localSessionId ?? 0;
  converse(lac, lns, 'a', lac.give({ kind: 'hangUp', localSessionId: gone, resultCode: 3, message: 'bye' }));
  expect(lns.last('callDown')).toMatchObject({
    localSessionId: ups[0]?.localSessionId,
    cause: { code: 'callEnded', resultCode: 3, message: 'bye' },
  });
  expect(lns.state.calls.size).toBe(1);
});

test('sequencing is on at both ends if either asks for it', () => {
  const [lac, lns] = connected({ requestSequencing: true });
  expect([lac.last('callUp').sequencing, lns.last('callUp').sequencing]).toEqual([true, true]);
  const [plainLac, plainLns] = connected();
  expect([plainLac.last('callUp').sequencing, plainLns.last('callUp').sequencing]).toEqual([false, false]);
});

test('closing ends the calls, tells the peer, and is finished when the peer acknowledged', () => {
  const [lac, lns] = connected();
  const datagrams = lac.give({ kind: 'close', message: 'user left' });
  expect(names(datagrams)).toEqual(['StopCCN']);
  expect(lac.all('callDown')).toHaveLength(1);
  expect(lac.last('closed').cause).toEqual({ code: 'closedByUs' });
  expect(lac.all('finished')).toHaveLength(0);
  converse(lac, lns, 'a', datagrams);
  expect(lac.all('finished')).toHaveLength(1);
  expect(tunnelDeadlineMs(lac.state)).toBeUndefined();
  expect(lns.last('closed').cause).toEqual({ code: 'stopped', resultCode: 1, errorCode: 0, message: 'user left' });
  expect(lns.last('callDown').cause.code).toBe('tunnelClosed');
});

test('a StopCCN is answered again for the retention period and no longer', () => {
  const [lac, lns] = connected();
  const stop = only(lac.give({ kind: 'close' }));
  expect(names(lns.give({ kind: 'message', bytes: stop }))).toEqual(['ZLB']);
  expect(names(lns.give({ kind: 'message', bytes: stop }, 5000))).toEqual(['ZLB']);
  expect(tunnelDeadlineMs(lns.state)).toBe(31_000);
  lns.tick(31_000);
  expect(lns.all('finished')).toHaveLength(1);
  expect(lns.give({ kind: 'message', bytes: stop })).toEqual([]);
  expect(lns.all('closed')).toHaveLength(1);
});

test('a gateway that says nothing is given up after the configured tries, doubling the wait', () => {
  const lac = new Endpoint(config({ retransmission: { firstMs: 1000, maxMs: 4000, tries: 4 } }));
  const sentMs: number[] = [];
  lac.give({ kind: 'open' });
  for (let dueMs = lac.deadlineMs(); dueMs !== undefined; dueMs = lac.deadlineMs()) {
    if (lac.tick(dueMs).length > 0) sentMs.push(dueMs);
  }
  expect(sentMs).toEqual([1000, 3000, 7000]);
  expect(lac.last('closed').cause).toEqual({ code: 'noResponse', waitedMs: 11_000 });
  expect(lac.all('finished')).toHaveLength(1);
});

test('a gateway that answers in another version of the protocol is named so', () => {
  const lac = new Endpoint(config());
  lac.give({ kind: 'open' });
  const l2tpv3 = message('StopCCN', {}, { tunnelId: 0x1111 });
  l2tpv3[1] = 3;
  expect(lac.give({ kind: 'message', bytes: l2tpv3 })).toEqual([]);
  for (let dueMs = lac.deadlineMs(); dueMs !== undefined; dueMs = lac.deadlineMs()) lac.tick(dueMs);
  expect(lac.last('closed').cause).toEqual({ code: 'versionMismatch', version: 3 });
});

test('an SCCRQ of another protocol version is refused with result 5', () => {
  const lns = new Endpoint(config({ role: 'lns' }));
  const bytes = message('SCCRQ', { assignedTunnelId: 7, protocolVersion: { version: 9, revision: 0 } });
  const reply = read(only(lns.give({ kind: 'message', bytes })));
  expect(reply).toMatchObject({
    name: 'StopCCN',
    header: { tunnelId: 7 },
    avps: { resultCode: { resultCode: 5, errorCode: 0x0100 } },
  });
  expect(lns.last('closed').cause).toEqual({ code: 'versionMismatch', version: 9 });
});

test('a gateway that acknowledges and does no more runs into the set-up time', () => {
  const lac = new Endpoint(config({ setup: { tunnelMs: 20_000, callMs: 5000 } }));
  lac.give({ kind: 'open' });
  const zlb = Uint8Array.from([0xc8, 0x02, 0, 12, 0x11, 0x11, 0, 0, 0, 0, 0, 1]);
  lac.give({ kind: 'message', bytes: zlb });
  expect(lac.deadlineMs()).toBe(20_000);
  lac.tick(20_000);
  expect(lac.last('closed').cause).toEqual({ code: 'setupTimedOut', waitedFor: 'SCCRP' });
});

test('a call that is never answered is ended with result 10', () => {
  const [lac, lns] = connected({ setup: { tunnelMs: 20_000, callMs: 5000 } });
  lac.give({ kind: 'call' });
  const nr = lac.state.delivery.firstNs + 1;
  const { nr: ns } = lac.state.delivery;
  const zlb = message('HELLO', {}, { tunnelId: 0x1111, ns, nr });
  lac.give({ kind: 'message', bytes: zlb });
  const datagrams = lac.tick(5000);
  expect(only(datagrams.map(read)).avps.resultCode).toEqual({ resultCode: 10 });
  expect(lac.last('callDown').cause.code).toBe('setupTimedOut');
  expect(lns.all('closed')).toEqual([]);
});

test('a silent peer is asked by Hello, and is dead when that stays unanswered', () => {
  const [lac, lns] = connected();
  expect(lac.deadlineMs()).toBe(60_000);
  const hello = lac.tick(60_000);
  expect(names(hello)).toEqual(['HELLO']);
  converse(lac, lns, 'a', hello);
  expect(lac.deadlineMs()).toBe(120_000);
  for (let dueMs = lac.deadlineMs(); dueMs !== undefined; dueMs = lac.deadlineMs()) lac.tick(dueMs);
  expect(lac.last('closed').cause).toEqual({ code: 'deadPeer', tries: 6 });
});

test('data that flows postpones the Hello, and keeps a call whose peer ignores Hello', () => {
  const [lac] = connected();
  lac.give({ kind: 'activity' }, 50_000);
  expect(lac.deadlineMs()).toBe(110_000);
  lac.tick(110_000);
  for (let i = 0; i < 100; i++) {
    const dueMs = lac.deadlineMs() ?? 0;
    lac.give({ kind: 'activity' }, dueMs);
    lac.tick(dueMs);
  }
  expect(lac.all('closed')).toEqual([]);
  for (let dueMs = lac.deadlineMs(); dueMs !== undefined; dueMs = lac.deadlineMs()) lac.tick(dueMs);
  expect(lac.last('closed').cause.code).toBe('deadPeer');
});

test('SLI and WEN are told to the other side', () => {
  const [lac, lns] = connected();
  const [mine, theirs] = [lac.last('callUp').localSessionId, lns.last('callUp').localSessionId];
  converse(
    lac,
    lns,
    'b',
    lns.give({ kind: 'setLinkInfo', localSessionId: theirs, sendAccm: 1, receiveAccm: 0xffffffff }),
  );
  expect(lac.last('linkInfo')).toEqual({
    kind: 'linkInfo',
    localSessionId: mine,
    sendAccm: 1,
    receiveAccm: 0xffffffff,
  });
  const errors = {
    crcErrors: 1,
    framingErrors: 2,
    hardwareOverruns: 3,
    bufferOverruns: 4,
    timeouts: 5,
    alignmentErrors: 6,
  };
  converse(lac, lns, 'a', lac.give({ kind: 'reportWanErrors', localSessionId: mine, errors }));
  expect(lns.last('wanErrors')).toEqual({ kind: 'wanErrors', localSessionId: theirs, errors });
});

test('an outgoing call is refused by a client that offers no lines, and comes up at one that does', () => {
  const [lac, lns] = connected();
  converse(lac, lns, 'b', lns.give({ kind: 'call', calledNumber: '42' }));
  expect(lns.last('callDown').cause).toEqual({ code: 'callRefused', resultCode: 5 });
  expect(lac.state.calls.size).toBe(1);

  const [dialer, host] = connected({ acceptOutgoingCalls: true });
  converse(dialer, host, 'b', host.give({ kind: 'call', calledNumber: '42' }));
  const [up, theirs] = [dialer.last('callUp'), host.last('callUp')];
  expect([up.direction, theirs.direction]).toEqual(['outgoing', 'outgoing']);
  expect(up.localSessionId).toBe(theirs.remoteSessionId);
});

test('a host takes no more calls than it may', () => {
  const [lac, lns] = connected({}, { maxSessions: 1 });
  converse(lac, lns, 'a', lac.give({ kind: 'call' }));
  expect(lac.last('callDown').cause).toEqual({ code: 'callRefused', resultCode: 4 });
  expect(lns.state.calls.size).toBe(1);
});

test.each([1, 2, 3, 4])('of two ends that open at once, the lower tie breaker keeps its tunnel (seed %i)', (seed) => {
  const a = new Endpoint(config({ role: 'lac', singleTunnel: true }), [], seed);
  const b = new Endpoint(config({ role: 'lns', singleTunnel: true }), [], seed + 100);
  const [fromA, fromB] = [only(a.give({ kind: 'open' })), only(b.give({ kind: 'open' }))];
  const value = (sccrq: Uint8Array) => Buffer.from(read(sccrq).avps.tieBreaker ?? []).readBigUInt64BE();
  const aWins = value(fromA) < value(fromB);
  const [answerOfA, answerOfB] = [a.give({ kind: 'message', bytes: fromB }), b.give({ kind: 'message', bytes: fromA })];
  expect([names(answerOfA), names(answerOfB)]).toEqual(aWins ? [[], ['SCCRP']] : [['SCCRP'], []]);
  converse(a, b, aWins ? 'b' : 'a', aWins ? answerOfB : answerOfA);
  expect([a.state.connection.at, b.state.connection.at]).toEqual(['established', 'established']);
});

test('an end that opens without a tie breaker yields to one that has it', () => {
  const [a, b] = [new Endpoint(config({ role: 'lac' })), new Endpoint(config({ role: 'lns', singleTunnel: true }))];
  const [fromA, fromB] = [only(a.give({ kind: 'open' })), only(b.give({ kind: 'open' }))];
  expect(b.give({ kind: 'message', bytes: fromA })).toEqual([]);
  converse(a, b, 'a', a.give({ kind: 'message', bytes: fromB }));
  expect([a.state.connection.at, b.state.connection.at]).toEqual(['established', 'established']);
});

test('an SCCRQ of the peer that is no tie leaves ours alone', () => {
  const a = new Endpoint(config({ role: 'lac' }));
  a.give({ kind: 'open' });
  expect(a.give({ kind: 'message', bytes: message('SCCRQ', { assignedTunnelId: 9 }) })).toEqual([]);
  expect(a.state.connection.at).toBe('waitReply');
});

test('a repeated SCCRQ is acknowledged again, another tunnel of the peer is not taken for it', () => {
  const lac = new Endpoint(config());
  const lns = new Endpoint(config({ role: 'lns' }));
  const sccrq = only(lac.give({ kind: 'open' }));
  expect(names(lns.give({ kind: 'message', bytes: sccrq }))).toEqual(['SCCRP']);
  expect(names(lns.give({ kind: 'message', bytes: sccrq }))).toEqual(['ZLB']);
  expect(lns.give({ kind: 'message', bytes: message('SCCRQ', { assignedTunnelId: 77 }) })).toEqual([]);
});

test('the retransmission time follows the measured round trip, no shorter than 300 ms', () => {
  const lac = new Endpoint(config());
  const lns = new Endpoint(config({ role: 'lns' }));
  const sccrp = lns.give({ kind: 'message', bytes: only(lac.give({ kind: 'open' }, 0)) }, 20);
  lac.give({ kind: 'message', bytes: only(sccrp) }, 40);
  expect(lac.last('roundTrip').roundTripMs).toBe(40);
  expect(lac.deadlineMs()).toBe(340);
});

test('the state that was passed in is left as it was', () => {
  const [lac, lns] = connected();
  const before = lac.state;
  const copy = structuredClone({ ...before, config: undefined });
  lac.give({ kind: 'message', bytes: only(lns.give({ kind: 'close' })) });
  expect({ ...before, config: undefined }).toEqual(copy);
});
