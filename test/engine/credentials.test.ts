import { expect, test } from 'vitest';
import { failure, failureKinds, type FailureCode } from '../../main/contracts/failure.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { KnownCredentials, promptAfter } from '../../main/engine/credentials.ts';
import { secretFromText } from '../../main/profiles/secrets.ts';
import { identityFormOf, identityOf } from '../../main/session/identity.ts';
import { utf8 } from '../../main/protocol/wire/bytes.ts';

const given = { userName: 'alice', password: 'old', preSharedKey: secretFromText('wrong') };

test('nothing is asked about a failure that a later try may mend by itself', () => {
  for (const [code, { retry }] of Object.entries(failureKinds)) {
    if (retry === 'redial') expect(promptAfter(failure(code as FailureCode), given)).toBeUndefined();
  }
});

test.each(['ike.wrongPreSharedKey', 'ike.authenticationTimeout'] as const)(
  'after %s the key is asked for, in the forms that people write, and told once IKE has taken it',
  (code) => {
    const known = new KnownCredentials(given, secretFromText);
    const prompt = promptAfter(failure(code), known.current);
    expect(prompt).toMatchObject({ kind: 'credentials', wanted: ['preSharedKey'] });
    const preSharedKey = new Secret('0x00ff');
    expect(prompt && known.learn(prompt, { kind: 'credentials', preSharedKey, remember: true })).toBe(true);
    expect(known.current.preSharedKey?.expose()).toEqual(Buffer.of(0x00, 0xff));
    expect(known.provenIn('ikePhase1')).toEqual([]);
    expect(known.provenIn('ikeAuthentication')).toEqual([{ what: 'preSharedKey', preSharedKey, remember: true }]);
    expect(known.provenIn('ikeAuthentication')).toEqual([]);
  },
);

test('a gateway that takes no new password is not offered a second one', () => {
  const expired = failure('auth.passwordExpired');
  expect(promptAfter(expired, given)).toMatchObject({ kind: 'newPassword' });
  expect(promptAfter(expired, { ...given, newPassword: 'new' })).toBeUndefined();
  expect(promptAfter(failure('auth.passwordChangeFailed'), { ...given, newPassword: 'new' })).toMatchObject({
    kind: 'newPassword',
  });
});

test('a new password that was never sent is not taken for the password once another old one is typed', () => {
  const known = new KnownCredentials({ ...given, newPassword: 'new' }, secretFromText);
  const prompt = promptAfter(failure('auth.rejected'), known.current);
  if (prompt === undefined) throw new Error('nothing is asked');
  known.learn(prompt, { kind: 'credentials', password: new Secret('other'), remember: false });
  known.passwordChanged();
  expect(known.current).toMatchObject({ userName: 'alice', password: 'other' });
});

test.each([
  ['an address', { type: 'ipv4', address: '192.168.1.1' }, { kind: 'address', value: '192.168.1.1' }],
  ['a name', { type: 'fqdn', name: 'vpn.example.com' }, { kind: 'fqdn', value: 'vpn.example.com' }],
  ['a key ID of text', { type: 'keyId', bytes: utf8('office') }, { kind: 'keyId', value: 'office' }],
  ['a key ID of bytes', { type: 'keyId', bytes: Uint8Array.of(0, 255) }, { kind: 'keyId', value: '0x00ff' }],
  ['a key ID that looks like bytes', { type: 'keyId', bytes: utf8('0x41') }, { kind: 'keyId', value: '0x30783431' }],
] as const)('%s can be pinned as it was claimed', (_, identity, form) => {
  expect(identityFormOf(identity)).toEqual(form);
  expect(identityOf(form)).toEqual(identity);
});

test.each([
  ['with control characters', { type: 'fqdn', name: 'vpn\u001b[2J.example.com' }],
  ['that turns a line around', { type: 'fqdn', name: 'vpn\u202emoc' }],
  ['of no character', { type: 'userFqdn', name: '' }],
  ['that is too long', { type: 'fqdn', name: 'a'.repeat(256) }],
  ['of another type', { type: 'other', idType: 9, bytes: Uint8Array.of(1) }],
] as const)('an identity %s cannot', (_, identity) => {
  expect(identityFormOf(identity)).toBeUndefined();
});
