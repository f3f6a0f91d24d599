import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepLink, verifyChange, type LinkConfig, type LinkInput } from '../../../main/protocol/ppp/index.ts';
import { createLink } from '../../../main/protocol/ppp/index.ts';
import {
  ChangePassword,
  ChapValue,
  MsChapResponse,
  PapMessage,
  PapRequest,
  readMsChapFailure,
  readMsChapSuccess,
} from '../../../main/protocol/ppp/auth/chap.ts';
import { Frame, Options, Packet, protocols } from '../../../main/protocol/ppp/packet.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { decode, encode, type Codec } from '../../../main/protocol/wire/codec.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import { readPcap } from '../../support/pcap.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { clientConfig, control, hostConfig } from './links.ts';

const crypto = seededCrypto(5);
const codecs: readonly Codec<unknown>[] = [
  Frame,
  Packet,
  Options,
  ChapValue,
  MsChapResponse,
  ChangePassword,
  PapRequest,
  PapMessage,
];

test('parsers throw nothing but wire errors, and what they read they write back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...codecs), fc.uint8Array({ maxLength: 700 }), (codec, bytes) => {
      try {
        const value = decode(codec, bytes);
        expect(decode(codec, encode(codec, value))).toEqual(value);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});

test('whatever MS-CHAPv2 says of a failure or a success is read, and nothing but a proof is one', () => {
  const word = fc.tuple(fc.constantFrom('E=', 'R=', 'C=', 'V=', 'S=', 'M=', ' '), fc.string({ maxLength: 45 }));
  const said = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(word, { maxLength: 6 }).map((words) => utf8(words.flat().join(''))),
  );
  fc.assert(
    fc.property(said, (bytes) => {
      const { code, challenge, version } = readMsChapFailure(bytes);
      expect([646, 647, 648, 649, 691, 709, 'other']).toContain(code);
      expect(challenge?.length ?? 16).toBe(16);
      expect(version).toBeLessThan(1000);
      expect(readMsChapSuccess(bytes)?.proof ?? '0'.repeat(40)).toMatch(/^[0-9A-F]{40}$/);
    }),
    { numRuns: 500 },
  );
});

test('no bytes at all change a password', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const change = fc.record({
    encryptedPassword: bytes(516),
    encryptedHash: bytes(16),
    authenticatorChallenge: bytes(16),
    peerChallenge: bytes(16),
    ntResponse: bytes(24),
  });
  fc.assert(
    fc.property(change, (parts) => {
      const request = { method: 'mschapv2-change', userName: 'alice', identifier: 1, ...parts } as const;
      const { verdict, newPassword } = verifyChange(crypto, request, 'alice-pass');
      expect([verdict.ok, newPassword]).toEqual([false, undefined]);
    }),
  );
});

const anyOptions = fc.array(
  fc.record({ type: fc.nat(15).map((type) => (type > 13 ? type + 115 : type)), data: fc.uint8Array({ maxLength: 9 }) }),
  { maxLength: 6 },
);
const body = fc.oneof(anyOptions, fc.uint8Array({ maxLength: 80 }));
const plausible = fc
  .tuple(fc.constantFrom(...Object.values(protocols)), fc.nat(15), fc.nat(4), body)
  .map(([protocol, code, identifier, data]) => control(protocol, code, identifier, data));
const input: fc.Arbitrary<LinkInput> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .oneof(plausible, fc.uint8Array({ maxLength: 60 }))
      .map((bytes) => ({ kind: 'frame', bytes }) as const),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'tick' } as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<LinkInput>(
      { kind: 'verdict', attempt: 1, verdict: { ok: true, authenticatorResponse: '0'.repeat(40) } },
      { kind: 'verdict', attempt: 1, verdict: { ok: false, code: 648, retryAllowed: true } },
      { kind: 'assignAddress', address: '10.0.0.1' },
      { kind: 'assignAddress', address: 'nonsense' },
      { kind: 'changePassword', newPassword: 'x' },
      { kind: 'close' },
    ),
  },
);

const configs: readonly LinkConfig[] = [
  { ...clientConfig, userWaitMs: 1000, echo: { intervalMs: 1000, failures: 2 } },
  { ...clientConfig, insideIpsec: false },
  hostConfig,
  { ...hostConfig, methods: [] },
];

test('no sequence of frames makes a link throw, grow or speak after it closed', () => {
  fc.assert(
    fc.property(fc.constantFrom(...configs), fc.array(input, { maxLength: 120 }), (config, inputs) => {
      let state = stepLink(createLink(config), { kind: 'lowerUp' }, { nowMs: 0, crypto }).state;
      inputs.forEach((each, at) => {
        const wasClosed = state.at === 'closed';
        const step = stepLink(state, each, { nowMs: at * 200, crypto });
        state = step.state;
        if (wasClosed) expect(step.effects).toEqual([]);
        expect(step.effects.filter(({ kind }) => kind === 'send').length).toBeLessThan(30);
      });
      expect(JSON.stringify(state).length).toBeLessThan(60_000);
    }),
    { numRuns: 300 },
  );
});

/** Where PPP's protocol field may begin: bare, after address and control, in PPPoE over Ethernet. */
const offsets = [0, 2, 4, 6, 14, 20];

test.each(['ppp-invalid-lengths', 'ppp_ccp_config_deflate_option_asan', 'eapon1'])(
  'the capture %s is survived',
  (name) => {
    const frames = readPcap(new URL(`../../vectors/pcaps/${name}.pcap`, import.meta.url));
    expect(frames.length).toBeGreaterThan(0);
    for (const config of configs) {
      let state = stepLink(createLink(config), { kind: 'lowerUp' }, { nowMs: 0, crypto }).state;
      for (const bytes of frames.flatMap((frame) => offsets.map((offset) => frame.subarray(offset)))) {
        state = stepLink(state, { kind: 'frame', bytes }, { nowMs: 0, crypto }).state;
      }
      expect(state.at).not.toBe('idle');
    }
  },
);
