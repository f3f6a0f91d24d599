import { describe, expect, test, vi } from 'vitest';
import { codesAt, newEnrolment } from '../../../main/host/users/codes.ts';
import type { Token, VerifyRequest } from '../../../main/protocol/ppp/index.ts';
import { utf8 } from '../../../main/protocol/wire/bytes.ts';
import { firstMs, holdTime, Scene } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const methods = { authentication: { methods: ['eap-gtc', 'mschapv2', 'pap'], sources: ['local'] } };
const ada = { name: 'ada' };

/** A scene in which ada has codes, and the one of this moment. */
async function enrolled(members: object = {}) {
  const scene = await Scene.open({ ...methods, ...members }, [ada, { name: 'bob' }]);
  const made = await scene.authority.users.enrol('ada', newEnrolment('ada', 'office', Date.now()));
  if (!made.ok) throw new Error(made.failure.reason);
  const code = async (steps = 0): Promise<string> => {
    const found = await scene.authority.users.find('ada');
    const codes = found.ok ? found.value?.codes : undefined;
    return codes === undefined ? '' : (codesAt(codes, Date.now() + steps * 30_000, 0)[0]?.code ?? '');
  };
  return { scene, code, recovery: made.value.recovery.map((each) => each.expose()) };
}

const typed = (text: string, token?: Token): VerifyRequest => ({
  method: 'pap',
  userName: 'ada',
  password: utf8(text),
  mayPrompt: true,
  ...(token !== undefined && { token }),
});

async function tokenOf(scene: Scene): Promise<Token> {
  const { verdict } = await scene.signIn('ada', '', { request: typed('ada-pass') });
  expect(verdict).toMatchObject({ ok: 'further', kind: 'prompt', text: 'One-time code' });
  if (verdict.ok !== 'further' || verdict.kind !== 'prompt') throw new Error('no prompt');
  return verdict.token;
}

const reasons = (scene: Scene): string[] => scene.recorded('authenticationFailed').map(({ reason }) => reason);

describe('a user with one-time codes', () => {
  test.each(['pap', 'mschapv2'] as const)('sends one behind the password (%s), once', async (method) => {
    const { scene, code } = await enrolled();
    const sent = `ada-pass${await code()}`;
    expect((await scene.signIn('ada', sent, { method })).verdict.ok).toBe(true);
    expect((await scene.signIn('ada', sent, { method })).verdict).toMatchObject({ ok: false, code: 691 });
    expect((await scene.signIn('ada', 'ada-pass', { method })).verdict.ok).toBe(false);
    expect(reasons(scene)).toEqual(['codeReused', 'codeMissing']);
  });

  test('is asked for one where that is possible, and may mistype it twice', async () => {
    const { scene, code } = await enrolled();
    const token = await tokenOf(scene);
    const wrong = await scene.signIn('ada', '', { request: typed('000000x', token) });
    expect(wrong.verdict).toMatchObject({ ok: 'further', kind: 'prompt', token: { by: 'local', tries: 1 } });
    const again = { by: 'local', tries: 1 } as const;
    expect((await scene.signIn('ada', '', { request: typed(await code(), again) })).verdict.ok).toBe(true);
    expect(reasons(scene)).toEqual(['wrongCode']);
    const spent = await scene.signIn('ada', '', { request: typed('1', { by: 'local', tries: 2 }) });
    expect(spent.verdict).toMatchObject({ ok: false, code: 691 });
  });

  test('comes in by a recovery code, which is written down, and only once', async () => {
    const { scene, recovery } = await enrolled();
    const [first = ''] = recovery;
    expect((await scene.signIn('ada', '', { request: typed(first, await tokenOf(scene)) })).verdict.ok).toBe(true);
    expect(scene.recorded('userChanged')).toMatchObject([{ change: 'recoveryUsed', user: 'ada', by: 'user' }]);
    const again = await scene.signIn('ada', '', { request: typed(first, await tokenOf(scene)) });
    expect(again.verdict).toMatchObject({ ok: 'further' });
    expect(JSON.stringify(scene.events)).not.toContain(first);
  });

  test('whose codes somebody guesses at is locked out there, and is asked no more', async () => {
    const { scene } = await enrolled({ limits: { lockOut: { failures: 3 } } });
    const token = { by: 'local', tries: 0 } as const;
    const verdicts = [];
    for (let i = 0; i < 4; i++)
      verdicts.push((await scene.signIn('ada', '', { request: typed(`guess${i}`, token) })).verdict.ok);
    expect(verdicts).toEqual(['further', 'further', false, false]);
    expect(scene.recorded('lockedOut')).toMatchObject([{ user: 'ada' }]);
    expect((await scene.signIn('ada', '', { request: typed('ada-pass') })).verdict).toMatchObject({ ok: false });
    expect(reasons(scene).at(-1)).toBe('lockedOut');
  });

  test('has a code again when the time of the last one is over', async () => {
    holdTime();
    const { scene, code } = await enrolled();
    expect((await scene.signIn('ada', `ada-pass${await code()}`, { method: 'mschapv2' })).verdict.ok).toBe(true);
    vi.setSystemTime(firstMs + 60_000);
    expect((await scene.signIn('ada', `ada-pass${await code()}`, { method: 'mschapv2' })).verdict.ok).toBe(true);
    expect((await scene.signIn('ada', `ada-pass${await code(3)}`, { method: 'mschapv2' })).verdict.ok).toBe(false);
  });
});

describe('a group that requires codes', () => {
  const required = { groups: { default: { oneTimeCode: 'required' } } };

  test('does not let in who has none, and says so to who knows the password alone', async () => {
    const { scene, code } = await enrolled(required);
    expect((await scene.signIn('bob')).verdict).toMatchObject({ ok: false, code: 649 });
    expect((await scene.signIn('bob', 'wrong')).verdict).toMatchObject({ ok: false, code: 691 });
    expect(reasons(scene)).toEqual(['notEnrolled', 'wrongPassword']);
    expect((await scene.signIn('ada', `ada-pass${await code()}`)).verdict.ok).toBe(true);
  });
});

describe('EAP', () => {
  const identity: VerifyRequest = {
    method: 'eap',
    userName: 'ada',
    message: Uint8Array.of(2, 1, 0, 5, 1),
    mtuBytes: 1400,
  };

  test('of a local user, and of nobody, is left to the host', async () => {
    const { scene } = await enrolled();
    for (const userName of ['ada', 'eve']) {
      const { verdict } = await scene.signIn(userName, '', { request: { ...identity, userName } });
      expect(verdict).toEqual({ ok: 'further', kind: 'own' });
    }
    expect(reasons(scene)).toEqual([]);
  });

  test('a certificate lets in whom it names, and stands for a code', async () => {
    const { scene } = await enrolled({ groups: { default: { oneTimeCode: 'required' } } });
    const shown = (userName: string, names: string[]) =>
      scene.signIn(userName, '', { request: { method: 'eap-tls', userName, names }, via: 'eap-tls' });
    expect((await shown('bob', ['laptop', 'bob'])).verdict.ok).toBe(true);
    expect((await shown('bob', ['ada'])).verdict.ok).toBe(false);
    expect((await shown('eve', ['eve'])).verdict.ok).toBe(false);
    expect(reasons(scene)).toEqual(['certificateRefused', 'unknownUser']);
  });
});
