import { describe, expect, test } from 'vitest';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { winbindSource, type WinbindOptions } from '../../../main/host/authority/sources/winbind.ts';
import type { LdapOutcome, UserDirectory } from '../../../main/host/ldap/index.ts';
import type { ChangeAnswer, NtlmAnswer } from '../../../main/host/winbind/index.ts';
import { challengeHash, type VerifyRequest } from '../../../main/protocol/ppp/index.ts';
import { generateAuthenticatorResponse, ntPasswordHash } from '../../../main/protocol/ppp/auth/mschapv2.ts';
import { sessionPolicy } from '../../session/support/memory-host.ts';
import { credentials } from '../../protocol/radius/support.ts';

const crypto = await createCrypto();
const { signal } = new AbortController();
const session = { sessionId: '1' };
const known = {
  kind: 'known',
  server: 'ldaps://dc',
  dn: 'CN=Ada',
  guid: '00',
  account: { domain: 'CORP', account: 'ada' },
  grant: { source: 'ldap', groups: ['staff'] },
  remarks: [],
  failures: [],
} as const satisfies LdapOutcome;
const accepted: NtlmAnswer = { kind: 'accepted', hashHash: new Secret(crypto.md4(ntPasswordHash(crypto, 'secret'))) };

interface Peers {
  readonly outcome?: LdapOutcome;
  readonly answer?: NtlmAnswer;
  readonly change?: ChangeAnswer;
  readonly isAllowed?: boolean;
}

function source({ outcome = known, answer = accepted, change = { kind: 'changed' }, isAllowed = true }: Peers = {}) {
  const asked: object[] = [];
  const troubles: (string | undefined)[] = [];
  const directory: UserDirectory = {
    judge: () => expect.fail('no password is to be shown'),
    lookUp: ({ user }) => {
      asked.push({ user });
      return Promise.resolve(outcome);
    },
    recheck: (who) => {
      asked.push(who);
      return Promise.resolve(outcome);
    },
    close: () => Promise.resolve(),
  };
  const options: WinbindOptions = {
    directory,
    ntlmAuth: {
      judge: (proof) => {
        asked.push(proof);
        return Promise.resolve(answer);
      },
      change: ({ account }) => {
        asked.push({ change: account });
        return Promise.resolve(change);
      },
    },
    crypto,
    onOutcome: () => undefined,
    isAllowed: () => isAllowed,
    onJudged: (trouble) => {
      troubles.push(trouble);
    },
  };
  return { source: winbindSource(options), asked, troubles };
}

const request = credentials('mschapv2', 'secret', 'CORP\\ada') as Extract<VerifyRequest, { method: 'mschapv2' }>;
const judge = (peers?: Peers, asks: VerifyRequest = request) =>
  source(peers).source.judge({ request: asks, session }, signal);
const change: VerifyRequest = {
  ...request,
  method: 'mschapv2-change',
  encryptedPassword: new Uint8Array(516),
  encryptedHash: new Uint8Array(16),
};

describe('winbind', () => {
  test('judges the account that the directory found, and proves to the client that the domain knows the password', async () => {
    const { source: winbind, asked, troubles } = source();
    const answer = await winbind.judge({ request, session }, signal);
    const authenticatorResponse = generateAuthenticatorResponse(crypto, request, request.ntResponse, 'secret');
    expect(answer).toEqual({
      kind: 'accepted',
      verdict: { ok: true, authenticatorResponse },
      judgedBy: { source: 'winbind', dn: 'CN=Ada', guid: '00' },
      grant: known.grant,
      accounting: { class: [] },
    });
    const challenge = challengeHash(crypto, request);
    const { ntResponse } = request;
    expect(asked).toEqual([{ user: 'CORP\\ada' }, { domain: 'CORP', account: 'ada', challenge, ntResponse }]);
    expect(troubles).toEqual([undefined]);
  });

  test.each(['pap', 'chap-md5'] as const)('cannot judge %s', async (method) => {
    expect(await judge({}, credentials(method, 'x'))).toEqual({ kind: 'unable' });
  });

  test('leaves to others whom the domain does not know, and takes an outage for nothing else', async () => {
    const unknown = { kind: 'refused', reason: 'unknownUser', detail: '', failures: [] } as const;
    expect(await judge({ outcome: unknown })).toEqual({ kind: 'unknown' });
    expect(await judge({ outcome: { kind: 'unavailable', failures: [] } })).toEqual({ kind: 'unavailable' });
    const away = source({ answer: { kind: 'unavailable', detail: 'no logon servers' } });
    expect(await away.source.judge({ request, session }, signal)).toEqual({ kind: 'unavailable' });
    expect(away.troubles).toEqual(['no logon servers']);
    const nowhere = winbindSource({
      directory: undefined,
      ntlmAuth: undefined,
      crypto,
      onOutcome: () => undefined,
      isAllowed: () => true,
      onJudged: () => undefined,
    });
    expect(await nowhere.judge({ request, session }, signal)).toEqual({ kind: 'unavailable' });
  });

  test.each([
    ['outsideHours', 'outsideHours', 646],
    ['accountDisabled', 'accountDisabled', 647],
    ['passwordExpired', 'passwordExpired', 648],
    ['notAllowed', 'notAllowed', 649],
    ['wrongPassword', 'wrongPassword', 691],
    ['locked', 'lockedOut', 691],
  ] as const)('refuses where the domain says %s: %s, with E=%i', async (said, reason, code) => {
    expect(await judge({ answer: { kind: 'refused', reason: said } })).toMatchObject({
      kind: 'refused',
      reason,
      verdict: { code },
    });
  });

  test('tells nobody of an account that is closed who does not know its password', async () => {
    const outcome = { ...known, barred: 'accountDisabled' } as const;
    expect(await judge({ outcome, answer: { kind: 'refused', reason: 'wrongPassword' } })).toMatchObject({
      reason: 'wrongPassword',
    });
    expect(await judge({ outcome })).toMatchObject({ kind: 'refused', reason: 'accountDisabled' });
  });

  test('has the domain change a password, and lets in by the new one alone', async () => {
    expect(await judge({}, change)).toMatchObject({ kind: 'accepted' });
    expect(await judge({ answer: { kind: 'refused', reason: 'wrongPassword' } }, change)).toMatchObject({
      reason: 'wrongPassword',
    });
    for (const [told, reason, code] of [
      ['wrongPassword', 'wrongPassword', 691],
      ['newPasswordRefused', 'passwordChangeRefused', 709],
    ] as const) {
      const refused = source({ change: { kind: 'refused', reason: told } });
      const answer = await refused.source.judge({ request: change, session }, signal);
      expect(answer).toMatchObject({ reason, verdict: { code } });
      expect(refused.asked.some((each) => 'ntResponse' in each)).toBe(false);
    }
  });

  test('ends the sessions of closed accounts, and of who is in no group any more', async () => {
    const admission = {
      user: 'CORP\\ada',
      method: 'mschapv2',
      judgedBy: { source: 'winbind', dn: 'CN=Ada', guid: '00' },
      policy: sessionPolicy(),
      decidedAtMs: 0,
      endsWithAccount: false,
      accounting: { class: [] },
    } as const;
    const standing = (peers: Peers) => source(peers).source.recheck(admission, signal);
    const closed = { kind: 'refused', reason: 'accountDisabled', detail: '', failures: [] } as const;
    expect(await standing({})).toBe('stays');
    expect(await standing({ isAllowed: false })).toBe('accountClosed');
    expect(await standing({ outcome: closed })).toBe('accountClosed');
    expect(await standing({ outcome: { kind: 'unavailable', failures: [] } })).toBe('unsure');
    const { source: winbind, asked } = source();
    await winbind.recheck(admission, signal);
    expect(asked).toEqual([{ user: 'CORP\\ada', dn: 'CN=Ada', guid: '00' }]);
  });
});
