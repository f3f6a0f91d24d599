import { expect, test } from 'vitest';
import { startPeer, stepPeer } from '../../../main/protocol/eap/peer/peer.ts';
import type { EapPeer } from '../../../main/protocol/eap/peer/state.ts';
import { eapCodes, eapTypes, message } from '../../../main/protocol/eap/wire/message.ts';
import { MsChapMessage } from '../../../main/protocol/eap/wire/mschapv2.ts';
import type { AuthEffect, AuthInput } from '../../../main/protocol/ppp/auth/effect.ts';
import { latin1, utf8 } from '../../../main/protocol/wire/bytes.ts';
import { encode } from '../../../main/protocol/wire/codec.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';
import { clientConfig } from '../ppp/links.ts';

/** Who knows the pre-shared key and poses as the gateway: what a client does not believe. */

const crypto = seededCrypto(3);
const config = { ...clientConfig, methods: ['eap-mschapv2', 'eap-tls', 'eap-gtc'] as const, userWaitMs: 60_000 };

function hears(...packets: AuthInput[]): { readonly state: EapPeer; readonly effects: readonly AuthEffect[] } {
  let state = startPeer({ config, env: { nowMs: 0, crypto } }).state;
  const effects = packets.flatMap((input, at) => {
    const step = stepPeer(state, input, { config, env: { nowMs: at, crypto } });
    state = step.state;
    return step.effects;
  });
  return { state, effects };
}

const request = (identifier: number, type: number, data: Uint8Array): AuthInput => ({
  kind: 'packet',
  packet: message(eapCodes.request, identifier, type, data),
});
const success: AuthInput = {
  kind: 'packet',
  packet: { code: eapCodes.success, identifier: 1, data: new Uint8Array() },
};
const movedOn: AuthInput = { kind: 'peerMovedOn' };
const challengeAs = (identifier: number): AuthInput =>
  request(
    identifier,
    eapTypes.mschapv2,
    encode(MsChapMessage, { code: 'challenge', identifier: 1, challenge: new Uint8Array(16), name: utf8('gateway') }),
  );
const challenge = challengeAs(1);
const kinds = (effects: readonly AuthEffect[]): string[] => effects.map(({ kind }) => kind);

test.each<[string, AuthInput[]]>([
  ['before anything was asked', []],
  ['after the identity alone', [request(0, eapTypes.identity, new Uint8Array())]],
  ['before MS-CHAPv2 proved that the gateway knows the password', [challenge]],
  ['in the middle of TLS', [request(1, eapTypes.tls, Uint8Array.of(0x20))]],
  ['while the user is being asked', [request(1, eapTypes.gtc, utf8('Code'))]],
])('a success %s', (_, before) => {
  for (const lie of [success, movedOn]) {
    const { state, effects } = hears(...before, lie);
    expect(kinds(effects)).not.toContain('authenticated');
    expect(state.at).toBe('open');
  }
});

test('a proof of the password that is none', () => {
  const text = latin1(`S=${'0'.repeat(40)} M=welcome`);
  const lie = request(2, eapTypes.mschapv2, encode(MsChapMessage, { code: 'success', identifier: 1, text }));
  expect(hears(challenge, lie, success).effects.at(-1)).toEqual({
    kind: 'failed',
    cause: { code: 'serverNotAuthentic' },
  });
});

test('a question that does not speak of a password gets no password', () => {
  const { effects } = hears(request(1, eapTypes.gtc, utf8('Your PIN, please')));
  expect(effects).toEqual([{ kind: 'challenge', text: 'Your PIN, please', masked: false }]);
});

test.each(['One-time password:', 'Einmalpasswort', 'Enter your OTP password'])(
  'a question for a password of the moment gets none that is kept: %s',
  (text) => {
    const { effects } = hears(request(1, eapTypes.gtc, utf8(text)));
    expect(effects).toEqual([{ kind: 'challenge', text, masked: true }]);
  },
);

test('a second question for the password is the user’s, and is typed unseen', () => {
  const { effects } = hears(
    request(1, eapTypes.gtc, utf8('Password')),
    request(2, eapTypes.gtc, utf8('Password again')),
  );
  expect(effects.at(-1)).toEqual({ kind: 'challenge', text: 'Password again', masked: true });
});

test('a refused password is not sent again to another challenge: the refusal stands', () => {
  const text = latin1('E=691 R=1 C=00112233445566778899AABBCCDDEEFF V=3 M=wrong');
  const failure = request(2, eapTypes.mschapv2, encode(MsChapMessage, { code: 'failure', identifier: 1, text }));
  const { effects } = hears(challenge, failure, challengeAs(3));
  expect(effects.at(-1)).toMatchObject({
    kind: 'failed',
    cause: { code: 'authenticationRejected', reason: 691, message: 'wrong' },
  });
  expect(kinds(effects)).toEqual(['send', 'send', 'failed']);
});

test('what was asked before, and comes late, is not answered anew', () => {
  const password = request(1, eapTypes.gtc, utf8('Password'));
  const { effects, state } = hears(
    password,
    request(2, eapTypes.gtc, utf8('Code')),
    { kind: 'response', text: '4711' },
    password,
    success,
  );
  expect(kinds(effects)).toEqual(['send', 'challenge', 'send', 'log', 'authenticated']);
  expect(state.at).toBe('authenticated');
});

test('another method in the middle of one gets no answer', () => {
  const { effects } = hears(challenge, request(2, eapTypes.gtc, utf8('Password')));
  expect(kinds(effects)).toEqual(['send', 'log']);
});

test('a method that is not allowed gets the names of those that are', () => {
  const { effects } = hears(request(1, eapTypes.md5, new Uint8Array(17)));
  expect(effects).toMatchObject([
    {
      kind: 'send',
      packet: { code: 2, data: Uint8Array.of(eapTypes.nak, eapTypes.mschapv2, eapTypes.tls, eapTypes.gtc) },
    },
  ]);
});
