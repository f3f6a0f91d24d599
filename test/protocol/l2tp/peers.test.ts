import { expect, test } from 'vitest';
import { concat, fromHex } from '../../../main/protocol/wire/bytes.ts';
import { writeControl } from '../../../main/protocol/l2tp/header.ts';
import { config, connected, Endpoint, message, names, only, read } from './support.ts';

/** SCCRQs in the form these clients give them: which AVPs, which M bits, which values. */
const openings = {
  // Protocol 1.0, framing 1, bearer 0, firmware, host name, vendor "Microsoft", window 8; mandatory throughout but two.
  Windows: `8008 0000 0000 0001  8008 0000 0002 0100  800a 0000 0003 00000001  800a 0000 0004 00000000
    0008 0000 0006 0a00  800d 0000 0007 ${hex('LAPTOP')}00 000f 0000 0008 ${hex('Microsoft')}
    8008 0000 0009 0007  8008 0000 000a 0008`,
  xl2tpd: `8008 0000 0000 0001  8008 0000 0002 0100  800a 0000 0003 00000003  800a 0000 0004 00000000
    0008 0000 0006 0690  800c 0000 0007 ${hex('debian')}  0013 0000 0008 ${hex('xelerance.com')}
    8008 0000 0009 0007  8008 0000 000a 0004`,
  // No window, no vendor, no bearer; host name empty, ends in zero.
  macOS: `8008 0000 0000 0001  8008 0000 0002 0100  800a 0000 0003 00000003  8007 0000 0007 00
    8008 0000 0009 0007  8008 0000 000a 0004`,
  // mtpd, Android's former daemon.
  Android: `8008 0000 0000 0001  8008 0000 0002 0100  800f 0000 0007 ${hex('anonymous')}
    800a 0000 0003 00000003  8008 0000 0009 0007  8008 0000 000a 0001`,
  // An AVP of Cisco's own, and one of a later document, both optional.
  Cisco: `8008 0000 0000 0001  8008 0000 0002 0100  800a 0000 0003 00000000  800a 0000 0004 00000000
    0008 0000 0006 1130  8009 0000 0007 ${hex('lac')}  0019 0000 0008 ${hex('Cisco Systems, Inc.')}
    8008 0000 0009 0007  8008 0000 000a 0200  0008 0009 0001 0001  0008 0000 0048 0001`,
  // MikroTik: bearer 1, a window of 4.
  MikroTik: `8008 0000 0000 0001  8008 0000 0002 0100  800a 0000 0003 00000003  800a 0000 0004 00000001
    0008 0000 0006 0001  800e 0000 0007 ${hex('MikroTik')}  000e 0000 0008 ${hex('MikroTik')}
    8008 0000 0009 0007  8008 0000 000a 0004`,
};

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

function control(avps: string, ns = 0, nr = 0, tunnelId = 0): Uint8Array {
  return writeControl({ tunnelId, sessionId: 0, ns, nr }, fromHex(avps));
}

test.each(Object.entries(openings))('%s opens a tunnel and a call', (_name, avps) => {
  const lns = new Endpoint(config({ role: 'lns' }));
  const reply = read(only(lns.give({ kind: 'message', bytes: control(avps) })));
  expect([reply.name, reply.header.tunnelId, reply.header.nr]).toEqual(['SCCRP', 7, 1]);
  lns.give({ kind: 'message', bytes: control('8008 0000 0000 0003', 1, 1, 0x2222) });
  expect(lns.last('tunnelUp').remoteHostName).not.toContain('\0');
  const icrq = '8008 0000 0000 000a  8008 0000 000e 0009  800a 0000 000f 00000001';
  const icrp = read(only(lns.give({ kind: 'message', bytes: control(icrq, 2, 1, 0x2222) })));
  expect([icrp.name, icrp.header.sessionId]).toEqual(['ICRP', 9]);
  const iccn = '8008 0000 0000 000c  800a 0000 0018 00989680  800a 0000 0013 00000001';
  const session = icrp.avps.assignedSessionId ?? 0;
  const bytes = writeControl({ tunnelId: 0x2222, sessionId: session, ns: 3, nr: 2 }, fromHex(iccn));
  lns.give({ kind: 'message', bytes });
  expect(lns.last('callUp')).toMatchObject({ remoteSessionId: 9, transmitBitsPerSecond: 10_000_000 });
});

test('result codes with swapped bytes, as Apple sends them, mean what they should', () => {
  const [lac, lns] = connected();
  const session = lns.last('callUp').localSessionId;
  const { nr: ns, firstNs: nr } = lns.state.delivery;
  const cdn = message(
    'CDN',
    { assignedSessionId: lac.last('callUp').localSessionId, resultCode: { resultCode: 0x0300, errorCode: 0x0100 } },
    { tunnelId: 0x2222, sessionId: session, ns, nr },
  );
  lns.give({ kind: 'message', bytes: cdn });
  expect(lns.last('callDown').cause).toEqual({ code: 'callEnded', resultCode: 3, errorCode: 1 });
  const stop = message('StopCCN', { resultCode: { resultCode: 0x0600 } }, { tunnelId: 0x2222, ns: ns + 1, nr });
  lns.give({ kind: 'message', bytes: stop });
  expect(lns.last('closed').cause).toEqual({ code: 'stopped', resultCode: 6 });
});

test('an unknown mandatory AVP about the tunnel ends it, with result 2 and error 8', () => {
  const lns = new Endpoint(config({ role: 'lns' }));
  const bytes = control(`${openings.xl2tpd} 8008 0000 00c8 0001`);
  const reply = read(only(lns.give({ kind: 'message', bytes })));
  expect(reply).toMatchObject({
    name: 'StopCCN',
    header: { tunnelId: 7 },
    avps: { resultCode: { resultCode: 2, errorCode: 8 } },
  });
  expect(lns.last('closed').cause.code).toBe('protocolError');
});

test('an unknown mandatory AVP about a call ends that call alone', () => {
  const [lac, lns] = connected();
  const { nr: ns, firstNs: nr } = lns.state.delivery;
  const icrq = '8008 0000 0000 000a  8008 0000 000e 0009  8008 0000 00c8 0001';
  const reply = read(only(lns.give({ kind: 'message', bytes: control(icrq, ns, nr, 0x2222) })));
  expect(reply).toMatchObject({
    name: 'CDN',
    header: { sessionId: 9 },
    avps: { resultCode: { resultCode: 2, errorCode: 8 } },
  });
  expect(lns.state.calls.size).toBe(1);
  expect(lac.all('callDown')).toEqual([]);
});

test('an unknown message ends the tunnel only if its type is mandatory', () => {
  const [, lns] = connected();
  const { nr: ns, firstNs: nr } = lns.state.delivery;
  expect(names(lns.give({ kind: 'message', bytes: control('0008 0000 0000 0063', ns, nr, 0x2222) }))).toEqual(['ZLB']);
  expect(lns.all('closed')).toEqual([]);
  expect(names(lns.give({ kind: 'message', bytes: control('8008 0000 0000 0063', ns + 1, nr, 0x2222) }))).toEqual([
    'StopCCN',
  ]);
});

test('a gateway that refuses with tunnel 0 in the header is heard', () => {
  const lac = new Endpoint(config());
  lac.give({ kind: 'open' });
  const stop = message('StopCCN', { assignedTunnelId: 5, resultCode: { resultCode: 4 } }, { nr: 1 });
  expect(read(only(lac.give({ kind: 'message', bytes: stop }))).header.tunnelId).toBe(5);
  expect(lac.last('closed').cause).toEqual({ code: 'stopped', resultCode: 4 });
});

test('a CDN to a request, naming only its own session or none, refuses the call', () => {
  const [lac] = connected();
  lac.give({ kind: 'call' });
  const { nr: ns, firstNs } = lac.state.delivery;
  const cdn = message(
    'CDN',
    { resultCode: { resultCode: 2, errorCode: 4 } },
    { tunnelId: 0x1111, ns, nr: firstNs + 1 },
  );
  lac.give({ kind: 'message', bytes: cdn });
  expect(lac.last('callDown').cause).toEqual({ code: 'callRefused', resultCode: 2, errorCode: 4 });
});

test('a message out of place ends the tunnel or the call', () => {
  const [, lns] = connected();
  const { nr: ns, firstNs: nr } = lns.state.delivery;
  const session = lns.last('callUp').localSessionId;
  const header = { tunnelId: 0x2222, ns, nr };
  const iccn = message('ICCN', {}, { ...header, sessionId: session });
  expect(names(lns.give({ kind: 'message', bytes: iccn }))).toEqual(['CDN']);
  expect(lns.last('callDown').cause).toEqual({ code: 'protocolError', what: 'ICCN while established' });
  const scccn = message('SCCCN', {}, { ...header, ns: ns + 1, nr: nr + 1 });
  const stop = read(only(lns.give({ kind: 'message', bytes: scccn })));
  expect([stop.name, stop.avps.resultCode?.resultCode]).toEqual(['StopCCN', 7]);
});

test('padding after a message, and data for a control machine, do no harm', () => {
  const [, lns] = connected();
  const { nr: ns, firstNs: nr } = lns.state.delivery;
  const padded = concat(message('HELLO', {}, { tunnelId: 0x2222, ns, nr }), new Uint8Array(20));
  expect(names(lns.give({ kind: 'message', bytes: padded }))).toEqual(['ZLB']);
  expect(lns.give({ kind: 'message', bytes: fromHex('0002 2222 0001 ff03 c021 0901 0004') })).toEqual([]);
});
