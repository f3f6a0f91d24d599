import { expect, test } from 'vitest';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import type { TunnelConfig } from '../../../main/protocol/l2tp/index.ts';
import { runWire, type WireEnd } from '../../support/lossy-wire.ts';
import { seeds } from '../../support/seeded-crypto.ts';
import { checksummed, config, Endpoint } from './support.ts';

const faults = { loss: 0.2, repeat: 0.1, reorder: 0.2, corrupt: 0.05 };
const patient = { firstMs: 1000, maxMs: 8000, tries: 30 };
const secret = { tunnelSecret: utf8('tunnel secret'), hideAvps: true };

const variants: Readonly<Record<string, Partial<TunnelConfig>>> = {
  plain: {},
  'with tunnel authentication and hidden AVPs': secret,
  'with a window of one': { receiveWindow: 1 },
};

test.each(seeds(30).flatMap((seed) => Object.keys(variants).map((variant) => [variant, seed] as const)))(
  'client and host bring up three calls and take all down, %s (seed %i)',
  (variant, seed) => {
    const changes = { retransmission: patient, setup: { tunnelMs: 500_000, callMs: 500_000 }, ...variants[variant] };
    const call = { kind: 'call' } as const;
    const lac = new Endpoint(config({ role: 'lac', ...changes }), [call, call, call, { kind: 'open' }], seed);
    const lns = new Endpoint(config({ role: 'lns', ...changes }), [], seed + 1_000_000);
    const ends = [checksummed(lac), checksummed(lns)] as const;
    const up = runWire(
      ends,
      { seed, ...faults },
      { done: () => lac.all('callUp').length + lns.all('callUp').length === 6, timeoutMs: 600_000 },
    );
    expect(up.ended).toBe('done');
    const ids = (end: Endpoint) =>
      end.all('callUp').map(({ localSessionId, remoteSessionId }) => [localSessionId, remoteSessionId]);
    expect(ids(lac)).toEqual(ids(lns).map(([local, remote]) => [remote, local]));
    expect([lac.all('tunnelUp').length, lns.all('tunnelUp').length]).toEqual([1, 1]);

    const closing = goingOn(lac, up.nowMs, (nowMs) => lac.give({ kind: 'close' }, nowMs));
    const answering = goingOn(lns, up.nowMs, () => []);
    const down = runWire(
      [checksummed(closing), checksummed(answering)],
      { seed, ...faults },
      { done: () => false, timeoutMs: 600_000 },
    );
    expect(down.ended).toBe('quiet');
    expect(lns.last('closed').cause).toEqual({ code: 'stopped', resultCode: 1 });
    for (const end of [lac, lns]) {
      expect([end.all('closed').length, end.all('finished').length]).toEqual([1, 1]);
      expect(end.all('callDown')).toHaveLength(3);
      expect(end.state.calls.size).toBe(0);
      expect(end.overran).toBe(false);
    }
  },
);

/** The same end on a second wire, whose time begins when the first one's had reached `sinceMs`. */
function goingOn(end: WireEnd, sinceMs: number, start: WireEnd['start']): WireEnd {
  return {
    start: (nowMs) => start(sinceMs + nowMs),
    receive: (datagram, nowMs) => end.receive(datagram, sinceMs + nowMs),
    tick: (nowMs) => end.tick(sinceMs + nowMs),
    deadlineMs: () => {
      const deadlineMs = end.deadlineMs();
      return deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - sinceMs);
    },
  };
}

test.each(seeds(60))(
  'damage that no checksum catches ends in a cause or in a tunnel, and costs no more (seed %i)',
  (seed) => {
    const lac = new Endpoint(config({ role: 'lac' }), [{ kind: 'call' }, { kind: 'open' }], seed);
    const lns = new Endpoint(config({ role: 'lns' }), [], seed + 1_000_000);
    runWire([lac, lns], { seed, ...faults, corrupt: 0.3 }, { done: () => false, timeoutMs: 300_000 });
    for (const end of [lac, lns]) {
      expect(end.all('closed').length).toBeLessThanOrEqual(1);
      expect(end.state.delivery.outbox.length).toBeLessThan(80);
      expect(end.state.delivery.held.size).toBeLessThan(8);
      expect(end.state.calls.size).toBeLessThanOrEqual(4);
      expect(end.all('callStarted').length - end.all('callDown').length).toBe(end.state.calls.size);
    }
  },
);
