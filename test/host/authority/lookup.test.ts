import { lookup } from 'node:dns/promises';
import { expect, test, vi } from 'vitest';
import { MemoryServer } from '../../protocol/radius/support.ts';
import { holdTime, passTime, Scene, serve } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });
vi.mock('node:dns/promises', () => ({ lookup: vi.fn() }));

test('a server whose name has no address is left out, looked up again, and asked once it has one', async () => {
  holdTime();
  const names = vi.mocked(lookup as (name: string) => Promise<unknown>);
  names.mockRejectedValueOnce(new Error('ENOTFOUND'));
  names.mockResolvedValue([{ address: '127.0.0.1', family: 4 }]);
  const port = await serve(new MemoryServer({ alice: 'alice-pass' }));
  const servers = [{ address: 'radius.test', authenticationPort: port, accountingPort: port, secret: 'radsecret' }];
  const scene = await Scene.open({ authentication: { sources: ['radius'] }, radius: { servers } });
  expect(scene.said).toEqual(['RADIUS server radius.test is left out: its name has no address']);
  expect((await scene.signIn('alice')).verdict.ok).toBe(false);
  expect(scene.reasons()).toEqual(['serversUnavailable']);
  await passTime(62_000);
  expect((await scene.signIn('alice')).verdict.ok).toBe(true);
  await scene.stop();
  expect(names).toHaveBeenCalledTimes(2);
});
