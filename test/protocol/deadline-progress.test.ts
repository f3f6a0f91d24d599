import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IkeInput, ikeDeadlineMs } from '../../main/protocol/ike/index.ts';
import type { TunnelInput } from '../../main/protocol/l2tp/index.ts';
import type { LinkInput } from '../../main/protocol/ppp/index.ts';
import { type WireEnd, type WireFaults, runWire } from '../support/lossy-wire.ts';
import { seeds } from '../support/seeded-crypto.ts';
import { Pair } from './ike/support.ts';
import { Endpoint, config as tunnelConfig } from './l2tp/support.ts';
import { LinkUnderTest, clientConfig, hostLink } from './ppp/links.ts';

/** A tick that leaves its deadline in the past would be called again at once, for ever. */
function expectProgress(nowMs: number, nextMs: number | undefined): void {
  expect(nextMs ?? Infinity).toBeGreaterThan(nowMs);
}

const numRuns = seeds(40).length;
const timeout = 600_000;

const wires: fc.Arbitrary<WireFaults> = fc.record({
  seed: fc.nat(1e6),
  loss: fc.constantFrom(0, 0.2, 0.5, 1),
  repeat: fc.constantFrom(0, 0.2),
  reorder: fc.constantFrom(0, 0.3),
  corrupt: fc.constantFrom(0, 0.1),
  delayMs: fc.constantFrom(0, 10, 400),
});

test('IKE: after a tick the next one is due later, if ever', { timeout }, () => {
  const lifetime = fc.constantFrom(2, 9, 60, 28_800);
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    who: fc.constantFrom('initiator' as const, 'responder' as const),
    input: fc.constantFrom<IkeInput>(
      ...(['establishChild', 'rekeyIke', 'activity', 'sent', 'start'] as const).map((kind) => ({ kind })),
    ),
    deaf: fc.constantFrom('nobody', 'initiator', 'responder'),
  });
  const history = fc.array(event, { maxLength: 6 });
  fc.assert(
    fc.property(wires, lifetime, lifetime, history, ({ seed, ...faults }, ikeSeconds, espSeconds, events) => {
      const lifetimes = { ikeSeconds, espSeconds };
      const pair = new Pair({ seed, faults, initiator: { lifetimes }, responder: { lifetimes } });
      for (const end of [pair.initiator, pair.responder]) {
        const take = end.input.bind(end);
        end.input = (input) => {
          const effects = take(input);
          if (input.kind === 'tick') expectProgress(end.nowMs, ikeDeadlineMs(end.state));
          return effects;
        };
      }
      for (const { afterMs, who, input, deaf } of events) {
        pair.run(() => false, afterMs);
        pair.filter = (to) => to !== deaf;
        pair.input(pair[who], input);
      }
      pair.run(() => false, 60_000);
    }),
    { numRuns },
  );
});

type History<Input> = readonly { readonly afterSteps: number; readonly to: number; readonly input: Input }[];

function histories<Input>(inputs: readonly Input[]): fc.Arbitrary<History<Input>> {
  const event = { afterSteps: fc.nat(60), to: fc.nat(1), input: fc.constantFrom(...inputs) };
  return fc.array(fc.record(event), { maxLength: 6 });
}

/** Two ends over a wire, with inputs in between; what the inputs send is lost. */
function runWatched<Input>(
  ends: readonly [WireEnd, WireEnd],
  wire: WireFaults,
  history: History<Input>,
  give: (to: number, input: Input) => void,
): void {
  const watched = (end: WireEnd): WireEnd => ({
    start: (nowMs) => end.start(nowMs),
    receive: (datagram, nowMs) => end.receive(datagram, nowMs),
    deadlineMs: () => end.deadlineMs(),
    tick: (nowMs) => {
      const sent = end.tick(nowMs);
      expectProgress(nowMs, end.deadlineMs());
      return sent;
    },
  });
  let steps = 0;
  const done = (): boolean => {
    for (const { afterSteps, to, input } of history) if (afterSteps === steps) give(to, input);
    steps += 1;
    return false;
  };
  runWire([watched(ends[0]), watched(ends[1])], wire, { done, timeoutMs: 300_000 });
}

test('L2TP: after a tick the next one is due later, if ever', { timeout }, () => {
  const inputs: TunnelInput[] = [
    { kind: 'call' },
    { kind: 'activity' },
    { kind: 'hangUp', localSessionId: 1 },
    { kind: 'close' },
  ];
  fc.assert(
    fc.property(wires, histories(inputs), fc.boolean(), (wire, history, singleTunnel) => {
      const opening: TunnelInput[] = [{ kind: 'open' }, { kind: 'call' }];
      const lac = new Endpoint(tunnelConfig({ role: 'lac', singleTunnel }), opening, wire.seed);
      const lns = new Endpoint(tunnelConfig({ role: 'lns', singleTunnel }), singleTunnel ? opening : [], wire.seed + 1);
      const ends = [lac, lns] as const;
      runWatched(ends, wire, history, (to, input) => ends[to === 0 ? 0 : 1].give(input));
    }),
    { numRuns },
  );
});

test('PPP: after a tick the next one is due later, if ever', { timeout }, () => {
  const inputs: LinkInput[] = [
    { kind: 'activity' },
    { kind: 'close' },
    { kind: 'lowerDown' },
    { kind: 'changePassword', newPassword: 'next' },
    { kind: 'credentials', credentials: { userName: 'CORP\\alice', password: 'next' } },
    { kind: 'refuseAddress' },
  ];
  const passwords = fc.constantFrom('alice-pass', 'another');
  const addresses = fc.constantFrom('10.99.0.10', undefined);
  fc.assert(
    fc.property(
      wires,
      histories(inputs),
      passwords,
      fc.boolean(),
      addresses,
      (wire, history, password, expired, address) => {
        const echo = { intervalMs: 10_000, failures: 3 };
        const client = new LinkUnderTest({ ...clientConfig, echo, userWaitMs: 20_000 }, wire.seed);
        const ends = [client, hostLink({ password, expired }, address, undefined, wire.seed + 1)] as const;
        runWatched(ends, wire, history, (to, input) => ends[to === 0 ? 0 : 1].input(input));
      },
    ),
    { numRuns },
  );
});
