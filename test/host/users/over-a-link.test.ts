import { describe, expect, test, vi } from 'vitest';
import { Secret } from '../../../main/contracts/secret.ts';
import { codesAt, newEnrolment } from '../../../main/host/users/codes.ts';
import { judgeSignIn, refusals, type KnownUser } from '../../../main/host/users/index.ts';
import type { Further, LinkInput, Verdict, VerifyRequest } from '../../../main/protocol/ppp/index.ts';
import { meetByEap } from '../../protocol/eap/scene.ts';
import { seeds } from '../../support/seeded-crypto.ts';

/** What the local store judges, said by both ends of a link whose wire loses, repeats and reorders. */

vi.setConfig({ testTimeout: 600_000 });

const nowMs = Date.parse('2026-11-24T12:00:10Z');
const password = 'ada-pass';
const { codes } = newEnrolment('ada', 'The office', nowMs);
const code = codesAt(codes, nowMs, 0)[0]?.code ?? '';
const faultsOf = (seed: number) => ({ seed, loss: 0.15, repeat: 0.15, reorder: 0.2 });

/** A store of one user, as `localSource` keeps it, at one moment. */
function storeOf(members: Partial<KnownUser['user']>, enrolled: boolean) {
  const user = { name: 'ada', disabled: false, mustChangePassword: false, groups: [], networks: [], ...members };
  let known: KnownUser = { user, password: new Secret(password), ...(enrolled && { codes }) };
  const reasons: string[] = [];
  const judge = (request: VerifyRequest, crypto: Parameters<typeof judgeSignIn>[0]): Verdict | Further => {
    if (request.method === 'eap') return { ok: 'further', kind: 'own' };
    const judged = judgeSignIn(crypto, request, known, nowMs);
    if (judged.ok === 'code') return { ok: 'further', kind: 'prompt', text: 'Code', token: { by: 'local', tries: 0 } };
    if (!judged.ok) {
      reasons.push(judged.reason);
      return { ok: false, code: refusals[judged.reason], retryAllowed: false };
    }
    const { code: used, newPassword } = judged;
    if (used?.kind === 'step' && known.codes !== undefined) {
      known = { ...known, codes: { ...known.codes, lastStep: used.step } };
    }
    if (newPassword !== undefined) {
      known = { ...known, password: newPassword, user: { ...known.user, mustChangePassword: false } };
    }
    return judged.verdict;
  };
  return { judge, reasons, password: () => known.password.expose() };
}

describe.each(['pap', 'chap-md5', 'mschapv2', 'eap-mschapv2'] as const)('by %s', (method) => {
  const dial = (seed: number, store: ReturnType<typeof storeOf>, typed: string) =>
    meetByEap({
      client: { methods: [method], credentials: { userName: 'ada', password: typed } },
      host: { methods: [method] },
      judge: store.judge,
      faults: faultsOf(seed),
    });

  test('a code behind the password lets in, is taken once, and no second time', () => {
    for (const seed of seeds(20)) {
      const store = storeOf({}, true);
      const first = dial(seed, store, `${password}${code}`);
      first.run();
      expect({ seed, up: first.client.up?.local }).toEqual({ seed, up: '10.99.0.10' });
      expect(first.host.all('verify')).toHaveLength(1);
      const again = dial(seed, store, `${password}${code}`);
      again.run();
      expect({ seed, up: again.client.up, reasons: store.reasons }).toEqual({
        seed,
        up: undefined,
        reasons: ['codeReused'],
      });
    }
  });

  test('none behind it, or a wrong one, is refused on both sides', () => {
    for (const [typed, reason] of [
      [password, 'codeMissing'],
      [`${password}00000x`, 'wrongPassword'],
    ] as const) {
      const store = storeOf({}, true);
      const { client, host, run } = dial(1, store, typed);
      run();
      expect(store.reasons).toEqual([reason]);
      expect(client.up).toBeUndefined();
      expect(host.cause).toMatchObject({ code: 'authenticationRejected', reason: 691 });
    }
  });
});

test('by eap-gtc the code is asked for, and what is typed is judged once', () => {
  for (const seed of seeds(20)) {
    const { client, host, run } = meetByEap({
      client: { methods: ['eap-gtc'], credentials: { userName: 'ada', password } },
      host: { methods: ['eap-gtc'] },
      judge: storeOf({}, true).judge,
      types: [code],
      faults: faultsOf(seed),
    });
    run();
    expect({ seed, up: client.up?.local }).toEqual({ seed, up: '10.99.0.10' });
    expect(client.all('challenge')).toHaveLength(1);
    expect(host.all('verify')).toHaveLength(2);
  }
});

describe.each(['mschapv2', 'eap-mschapv2'] as const)('a password that has to be changed, by %s', (method) => {
  const dial = (seed: number, chosen: string) => {
    const store = storeOf({ mustChangePassword: true }, false);
    const made = meetByEap({
      client: { methods: [method], credentials: { userName: 'ada', password } },
      host: { methods: [method] },
      judge: store.judge,
      faults: faultsOf(seed),
    });
    const react = made.client.react;
    made.client.react = (effect): LinkInput | undefined =>
      effect.kind === 'passwordExpired' ? { kind: 'changePassword', newPassword: chosen } : react(effect);
    return { ...made, store };
  };

  test('is changed once, and the new one is kept', () => {
    // With the first one, the challenge comes again after its answer was refused.
    for (const seed of [94, ...seeds(20)]) {
      const { client, host, run, store } = dial(seed, 'ada-second-password');
      run();
      expect({ seed, up: client.up?.local }).toEqual({ seed, up: '10.99.0.10' });
      expect(host.all('verify').map(({ request }) => request.method)).toEqual(['mschapv2', 'mschapv2-change']);
      expect(store.password()).toBe('ada-second-password');
    }
  });

  test('stays the old one where the new one is not allowed', () => {
    for (const chosen of ['short', password, 'ADA']) {
      const { client, run, store } = dial(3, chosen);
      run();
      expect(client.cause).toMatchObject({ code: 'authenticationRejected', reason: 709 });
      expect(store.password()).toBe(password);
    }
  });
});
