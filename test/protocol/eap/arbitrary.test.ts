import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  authenticatorDeadlineMs,
  startAuthenticator,
  stepAuthenticator,
} from '../../../main/protocol/eap/authenticator/authenticator.ts';
import { peerDeadlineMs, startPeer, stepPeer } from '../../../main/protocol/eap/peer/peer.ts';
import { eapMethodTypes, eapTypes, type EapMethod } from '../../../main/protocol/eap/wire/message.ts';
import { MsChapMessage } from '../../../main/protocol/eap/wire/mschapv2.ts';
import { TlsFragment } from '../../../main/protocol/eap/wire/tls-fragments.ts';
import type { AuthInput } from '../../../main/protocol/ppp/auth/effect.ts';
import { decode, encode, type Codec } from '../../../main/protocol/wire/codec.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { seededCrypto, seeds } from '../../support/seeded-crypto.ts';
import { clientConfig, hostConfig } from '../ppp/links.ts';
import { longRunMs, meetByEap, refused } from './scene.ts';

const crypto = seededCrypto(9);
const codecs: readonly Codec<unknown>[] = [MsChapMessage, TlsFragment];
const methods = Object.keys(eapMethodTypes) as EapMethod[];

test('parsers throw nothing but wire errors, and what they read they write back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...codecs), fc.uint8Array({ maxLength: 700 }), (codec, bytes) => {
      try {
        const value = decode(codec, bytes);
        // An opcode alone is read as a message without text, and written as one.
        if (bytes.length > 1) expect(decode(codec, encode(codec, value))).toEqual(value);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});

/** Types that are known, then what looks like theirs: an opcode or flags, lengths, a value. */
const data = fc
  .tuple(
    fc.constantFrom(...Object.values(eapTypes), 25, 0),
    fc.oneof(fc.uint8Array({ maxLength: 90 }), fc.uint8Array({ minLength: 54, maxLength: 54 })),
    fc.constantFrom(undefined, 1, 2, 3, 4, 7, 0x20, 0x40, 0x80, 0xc0),
  )
  .map(([type, rest, opcode]) => Uint8Array.of(type, ...(opcode === undefined ? [] : [opcode]), ...rest));
const packet: fc.Arbitrary<AuthInput> = fc
  .record({ code: fc.nat(5), identifier: fc.nat(3), data: fc.oneof(data, fc.uint8Array({ maxLength: 5 })) })
  .map((each) => ({ kind: 'packet', packet: each }));
const other = fc.constantFrom<AuthInput>(
  { kind: 'tick' },
  { kind: 'peerMovedOn' },
  { kind: 'response', text: '123456' },
  { kind: 'changePassword', newPassword: 'x' },
  { kind: 'tls', output: { state: 'handshaking', bytes: new Uint8Array(3000) } },
  { kind: 'tls', output: { state: 'done', bytes: new Uint8Array(), names: ['alice'] } },
  { kind: 'tls', output: { state: 'failed', bytes: new Uint8Array(7), by: 'peer', reason: 'no' } },
  { kind: 'verdict', verdict: { ok: false, code: 648, retryAllowed: false } },
  { kind: 'verdict', verdict: refused },
  { kind: 'verdict', verdict: { ok: 'further', kind: 'own' } },
  { kind: 'verdict', verdict: { ok: 'further', kind: 'prompt', text: 'Code', token: { by: 'local', tries: 0 } } },
);
const inputs = fc.array(fc.oneof({ weight: 5, arbitrary: packet }, { weight: 2, arbitrary: other }), { maxLength: 80 });

test('nothing that comes makes a client throw, answer more than it is asked, or believe what no method has shown', () => {
  const config = { ...clientConfig, methods: ['eap-mschapv2', 'eap-tls'] as const, userWaitMs: 1000 };
  fc.assert(
    fc.property(inputs, (all) => {
      let state = startPeer({ config, env: { nowMs: 0, crypto } }).state;
      all
        // TLS that is done is content.
        .filter((each) => each.kind !== 'tls' || each.output.state !== 'done')
        .forEach((input, at) => {
          const step = stepPeer(state, input, { config, env: { nowMs: at * 300, crypto } });
          state = step.state;
          expect(step.effects.filter(({ kind }) => kind === 'send').length).toBeLessThanOrEqual(1);
          expect(step.effects.some(({ kind }) => kind === 'authenticated')).toBe(false);
          expect(peerDeadlineMs(state) ?? Infinity).toBeGreaterThan(0);
        });
    }),
    { numRuns: 300 },
  );
});

test('nothing that comes makes a host throw, or let anybody in whom nobody has judged', () => {
  fc.assert(
    fc.property(inputs, fc.subarray([...methods, 'eap'] as const, { minLength: 1 }), (all, some) => {
      const config = { ...hostConfig, methods: some };
      let state = startAuthenticator({ config, env: { nowMs: 0, crypto } }).state;
      all.forEach((input, at) => {
        const step = stepAuthenticator(state, input, { config, env: { nowMs: at * 300, crypto } });
        state = step.state;
        expect(step.effects.filter(({ kind }) => kind === 'send').length).toBeLessThanOrEqual(1);
        expect(step.effects.some(({ kind }) => kind === 'authenticated')).toBe(false);
        expect(authenticatorDeadlineMs(state) ?? Infinity).toBeGreaterThan(0);
      });
    }),
    { numRuns: 300 },
  );
});

test('a conversation in which bits fall over comes to an end', { timeout: longRunMs }, () => {
  for (const seed of seeds(15)) {
    for (const method of methods) {
      const own = { methods: [method] };
      const faults = { seed, corrupt: 0.1, loss: 0.05 };
      const { client, host, run } = meetByEap({ client: own, host: own, faults });
      const { ended } = run(600_000);
      expect({ seed, method, ended: ended === 'timeout' }).toEqual({ seed, method, ended: false });
      expect([client, host].every(({ state }) => state.at !== 'authenticating')).toBe(true);
    }
  }
});
