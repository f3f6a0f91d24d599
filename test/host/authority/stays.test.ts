import { describe, expect, test, vi } from 'vitest';
import { Secret } from '../../../main/contracts/secret.ts';
import { holdTime, passTime, Scene } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const ada = { name: 'ada' };
const reloaded = { how: 'reloaded', sessionsEnded: 0 } as const;
const until = '2026-11-24T12:00:20Z';
const office = { timeZone: 'UTC', windows: [{ days: ['tuesday' as const], from: '08:00', to: '12:00' }] };

describe('a session of a local user ends', () => {
  test.each<[string, (scene: Scene) => Promise<unknown>, string, string]>([
    [
      'is disabled',
      ({ authority }) => authority.users.change('ada', { disabled: true }),
      'accountClosed',
      'accountClosed',
    ],
    ['is removed', ({ authority }) => authority.users.remove('ada'), 'accountClosed', 'accountClosed'],
    [
      'is out of hours',
      ({ authority }) => authority.users.change('ada', { hours: office }),
      'hoursEnded',
      'hoursEnded',
    ],
    ['expires', ({ authority }) => authority.users.change('ada', { expiresAt: until }), 'hoursEnded', 'hoursEnded'],
  ])('who %s, within half a minute', async (_, change, cause, recorded) => {
    holdTime();
    const scene = await Scene.open({}, [ada, { name: 'bob' }]);
    const session = await scene.online('ada', '10.91.37.9');
    await scene.online('bob', '10.91.37.10');
    await passTime(30_000);
    expect(scene.of('disconnect')).toEqual([]);
    await change(scene);
    await passTime(40_000);
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session }, cause }]);
    scene.end(session, 'ada', cause as 'hoursEnded');
    expect(scene.recorded('sessionStopped')).toMatchObject([{ cause: recorded }]);
  });

  test('but not for a new password, nor while the store cannot be read, which is said once', async () => {
    holdTime();
    const scene = await Scene.open({}, [ada]);
    await scene.online('ada', '10.91.37.9');
    await scene.authority.users.setPassword('ada', new Secret('another'));
    await passTime(40_000);
    scene.write('users.store', 'garbage');
    await passTime(60_000);
    expect(scene.of('disconnect')).toEqual([]);
    expect(scene.said).toEqual(['the local users cannot be used: damaged']);
    expect(await scene.signIn('ada', 'another')).toMatchObject({ verdict: { ok: false } });
    expect(scene.reasons()).toEqual(['serversUnavailable']);
  });

  test('at a reload that takes away who judged it', async () => {
    const scene = await Scene.open({}, [ada]);
    const session = await scene.online('ada', '10.91.37.9');
    const servers = [{ address: '127.0.0.1', secret: 'x' }];
    const ground = scene.ground({
      authentication: { sources: ['radius'] },
      radius: { servers, accounting: { enabled: false } },
    });
    await scene.authority.reconfigure(ground, reloaded);
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session }, cause: 'reconfigured' }]);
  });

  test('at a reload that has other users', async () => {
    const scene = await Scene.open({}, [ada]);
    const session = await scene.online('ada', '10.91.37.9');
    const ground = scene.ground({ localUsers: { file: 'others.store', keyFile: 'users.key' } });
    await scene.authority.reconfigure(ground, reloaded);
    expect(scene.of('disconnect')).toEqual([{ kind: 'disconnect', who: { session }, cause: 'accountClosed' }]);
    expect((await scene.signIn('ada')).verdict.ok).toBe(false);
  });
});
