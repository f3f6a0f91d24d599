import { describe, expect, test, vi } from 'vitest';
import { firstMs, holdTime, home, Scene } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const methods = { authentication: { methods: ['mschapv2', 'chap-md5', 'pap'], sources: ['local'] } };
const ada = { name: 'ada' };

describe('a local user', () => {
  test.each(['pap', 'chap-md5', 'mschapv2'] as const)(
    'comes in by %s, with a policy and the records of it',
    async (method) => {
      const scene = await Scene.open(methods, [ada]);
      const verdict = await scene.signIn('ada', undefined, { method });
      expect(verdict).toMatchObject({
        verdict: { ok: true },
        policy: { user: 'ada', groups: ['default'], dnsServers: ['192.0.2.53'] },
      });
      expect(scene.events.slice(-2)).toMatchObject([
        { kind: 'authenticationSucceeded', user: 'ada', source: home, method, judgedBy: 'local' },
        { kind: 'policyDecided', user: 'ada', groups: ['default'] },
      ]);
    },
  );

  test('and nobody are refused in one voice, and told apart in the audit log alone', async () => {
    const scene = await Scene.open(methods, [ada]);
    const wrong = await scene.signIn('ada', 'guess');
    const nobody = await scene.signIn('eve', 'guess');
    expect(wrong).toMatchObject({ verdict: { ok: false, code: 691, retryAllowed: false } });
    expect(nobody).toEqual({ ...wrong, session: nobody.session, attempt: nobody.attempt });
    expect(scene.recorded('authenticationFailed')).toMatchObject([
      { user: 'ada', source: home, phase: 'userAuthentication', reason: 'wrongPassword', judgedBy: 'local' },
      { user: 'eve', reason: 'unknownUser' },
    ]);
  });

  test('has a name that is taken verbatim, and can be written down', async () => {
    const scene = await Scene.open({}, [{ name: 'CORP\\Älice' }]);
    expect((await scene.signIn('CORP\\Älice')).verdict.ok).toBe(true);
    for (const other of ['corp\\Älice', 'Älice', 'CORP\\Älice ', '', 'a\nb', 'x'.repeat(256)]) {
      expect((await scene.signIn(other, 'CORP\\Älice-pass')).verdict.ok).toBe(false);
    }
    expect(scene.recorded('authenticationFailed').map(({ user }) => user)).toEqual([
      'corp\\Älice',
      'Älice',
      'CORP\\Älice ',
      undefined,
      undefined,
      undefined,
    ]);
    expect(scene.said).toEqual([]);
  });

  test('whose policy has no place is refused after the password was right', async () => {
    const scene = await Scene.open({ defaultGroup: null }, [ada]);
    expect(await scene.signIn('ada')).toMatchObject({ verdict: { ok: false, code: 649 } });
    expect(scene.recorded('authenticationFailed')).toMatchObject([{ reason: 'notAllowed', judgedBy: 'local' }]);
  });

  test('has the session end with the hours, and is recorded so', async () => {
    holdTime();
    const hours = { timeZone: 'UTC', windows: [{ days: ['tuesday' as const], from: '08:00', to: '12:30' }] };
    const scene = await Scene.open({}, [{ ...ada, hours }]);
    const session = await scene.online('ada', '10.91.37.9');
    expect(scene.verdicts[0]).toMatchObject({ policy: { sessionTimeout: 1800 } });
    scene.end(session, 'ada', 'sessionTimeout');
    expect(scene.recorded('sessionStopped')).toMatchObject([{ cause: 'hoursEnded' }]);
    vi.setSystemTime(firstMs + 3_600_000);
    expect(await scene.signIn('ada')).toMatchObject({ verdict: { ok: false, code: 646 } });
  });
});

describe('who guesses', () => {
  test('is locked out by user and address, and the user is not locked out elsewhere', async () => {
    holdTime();
    const scene = await Scene.open({}, [ada]);
    for (let i = 0; i < 5; i++) await scene.signIn('ada', 'guess');
    expect(await scene.signIn('ada')).toMatchObject({ verdict: { ok: false, code: 691 } });
    expect(scene.recorded('lockedOut')).toEqual([{ kind: 'lockedOut', source: home, user: 'ada', seconds: 30 }]);
    expect(scene.reasons().slice(-2)).toEqual(['wrongPassword', 'lockedOut']);
    expect((await scene.signIn('ada', undefined, { from: '203.0.113.9' })).verdict.ok).toBe(true);
    await vi.advanceTimersByTimeAsync(30_000);
    expect((await scene.signIn('ada')).verdict.ok).toBe(true);
  });

  test('and then remembers is forgiven', async () => {
    const scene = await Scene.open({}, [ada]);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) await scene.signIn('ada', 'guess');
      expect((await scene.signIn('ada')).verdict.ok).toBe(true);
    }
    expect(scene.recorded('lockedOut')).toEqual([]);
  });

  test('is not who knows the password of an account that is good for nothing', async () => {
    const scene = await Scene.open({}, [{ ...ada, disabled: true }]);
    for (let i = 0; i < 6; i++) expect(await scene.signIn('ada')).toMatchObject({ verdict: { ok: false, code: 647 } });
    expect(new Set(scene.reasons())).toEqual(new Set(['accountDisabled']));
  });

  test('many times at once is not judged more often than one after another, whatever the case of the name', async () => {
    const scene = await Scene.open({}, [ada]);
    for (let i = 0; i < 40; i++) scene.ask(i % 2 === 0 ? 'ada' : 'Ada', 'guess');
    await scene.until('all are refused', () => scene.verdicts.length === 40);
    expect(scene.reasons().filter((reason) => reason !== 'lockedOut')).toHaveLength(5);
    expect(scene.recorded('authenticationFailed')).toHaveLength(40);
  });

  test('under the addresses of others is locked out at its own, and nobody else is', async () => {
    const scene = await Scene.open({}, [ada]);
    for (let i = 0; i < 5; i++) await scene.signIn('ada', 'guess', { claims: `203.0.113.${i}` });
    expect(scene.recorded('lockedOut')).toMatchObject([{ source: home, user: 'ada' }]);
    expect((await scene.signIn('ada', undefined, { claims: '203.0.113.9' })).verdict.ok).toBe(false);
    expect((await scene.signIn('ada', undefined, { from: '203.0.113.0' })).verdict.ok).toBe(true);
  });

  test('at everybody is locked out altogether', async () => {
    const scene = await Scene.open({}, [ada]);
    for (let i = 0; i < 30; i++) await scene.signIn(`user${i}`, 'guess');
    expect(await scene.signIn('ada')).toMatchObject({ verdict: { ok: false } });
    expect(scene.recorded('lockedOut')).toMatchObject([{ source: home, seconds: 30 }]);
    expect(scene.recorded('lockedOut')[0]).not.toHaveProperty('user');
  });

  test('keeps the lock over a reload', async () => {
    const scene = await Scene.open({}, [ada]);
    for (let i = 0; i < 5; i++) await scene.signIn('ada', 'guess');
    await scene.authority.reconfigure(scene.ground({ keepVersions: 5 }), { how: 'reloaded', sessionsEnded: 0 });
    expect((await scene.signIn('ada')).verdict.ok).toBe(false);
  });
});

describe('a reload', () => {
  const groups = (mtu: number) => ({ groups: { default: { mtu }, staff: {} } });

  test('ends who was let in by what it changes and is not online yet, and nobody else', async () => {
    const scene = await Scene.open(groups(1400), [ada, { name: 'bob', groups: ['staff'] }]);
    const { session } = await scene.signIn('ada');
    await scene.signIn('bob');
    const change = { how: 'reloaded', sessionsEnded: 0 } as const;
    await scene.authority.reconfigure(scene.ground({ ...groups(1400), keepVersions: 5 }), change);
    expect(scene.of('disconnect')).toEqual([]);
    await scene.authority.reconfigure(scene.ground(groups(1300)), change);
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session }, cause: 'reconfigured' }]);
  });
});

describe('a user has so many sessions', () => {
  const two = (whenSessionsReached: string) => ({ groups: { default: { sessionsPerUser: 2, whenSessionsReached } } });

  test('and one more is refused', async () => {
    const scene = await Scene.open(two('refuse'), [ada, { name: 'bob' }]);
    const first = await scene.online('ada', '10.91.37.9');
    await scene.signIn('ada');
    expect(await scene.signIn('ada')).toMatchObject({ verdict: { ok: false, code: 649 } });
    expect(scene.reasons()).toEqual(['sessionsReached']);
    expect((await scene.signIn('bob')).verdict.ok).toBe(true);
    scene.end(first, 'ada', 'userRequest');
    expect((await scene.signIn('ada')).verdict.ok).toBe(true);
  });

  test('or ends the oldest', async () => {
    const scene = await Scene.open(two('endOldest'), [ada]);
    const first = await scene.online('ada', '10.91.37.9');
    const second = await scene.online('ada', '10.91.37.10');
    await scene.online('ada', '10.91.37.11');
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session: first }, cause: 'displaced' }]);
    await scene.online('ada', '10.91.37.12');
    expect(scene.of('disconnect').at(-1)).toMatchObject({ who: { session: second } });
    scene.end(first, 'ada', 'displaced');
    expect(scene.recorded('sessionStopped')).toMatchObject([{ session: first, cause: 'displaced' }]);
  });

  test('of which those do not count that the newcomer replaces, nor its own renegotiation', async () => {
    const scene = await Scene.open({ groups: { default: { sessionsPerUser: 1 } } }, [ada]);
    const first = await scene.online('ada', '10.91.37.9');
    expect((await scene.signIn('ada', undefined, { session: first })).verdict.ok).toBe(true);
    expect((await scene.signIn('ada', undefined, { session: 7 })).verdict.ok).toBe(false);
    expect((await scene.signIn('ada', undefined, { session: 8, replaces: [first] })).verdict.ok).toBe(true);
  });

  test('and the gateway as many as it may have in all', async () => {
    const scene = await Scene.open({ limits: { sessions: 1 } }, [ada, { name: 'bob' }]);
    await scene.online('ada', '10.91.37.9');
    expect(await scene.signIn('bob')).toMatchObject({ verdict: { ok: false, code: 649 } });
    expect(scene.reasons()).toEqual(['sessionLimit']);
  });

  test('however many sign in at once', async () => {
    const scene = await Scene.open(two('refuse'), [ada]);
    for (let i = 0; i < 8; i++) scene.ask('ada', 'ada-pass', { from: `198.51.100.${i}` });
    await scene.until('all are judged', () => scene.verdicts.length === 8);
    expect(scene.verdicts.filter(({ verdict }) => verdict.ok)).toHaveLength(2);
  });
});
