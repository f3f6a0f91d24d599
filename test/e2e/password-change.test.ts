import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startCulvertHost } from '../support/culvert-host.ts';
import { startTypedCulvert, type TypedCulvert } from '../support/culvert.ts';
import { useScene } from './scene.ts';

vi.setConfig({ testTimeout: 240_000 });

const scene = useScene();
const hostAddress = '203.0.113.40';
const network = { mode: 'split', routes: ['10.64.0.1/32'] } as const;

test('an expired password is changed where it is asked for, and the old one is worth nothing', async () => {
  const machine = await scene.network.addMachine('gateway', { address: hostAddress });
  const host = await startCulvertHost(machine, {
    users: ['ada', 'bob'].map((name) => ({
      user: { name, mustChangePassword: true },
      password: `${name}-first-password`,
    })),
    config: { authentication: { methods: ['eap-mschapv2', 'mschapv2'] } },
  });
  scene.afterwards(() => host.cleanUp());
  const client = await scene.client();
  const profileOf = (method: string) => ({ network, ppp: { authentication: [method] } });
  const typed = (user: string, method: string): TypedCulvert => {
    const culvert = startTypedCulvert(client, { gateway: hostAddress, user, profile: profileOf(method) });
    scene.afterwards(() => culvert.cleanUp());
    return culvert;
  };
  const chooses = async (culvert: TypedCulvert, password: string): Promise<void> => {
    await culvert.answer(/New password: /, password);
    await culvert.answer(/The same again: /, password);
  };
  const end = async (culvert: TypedCulvert): Promise<void> => {
    await culvert.until(/Connected in/);
    culvert.process.write('\u0003');
    await culvert.process.exited;
  };
  const signIn = async (user: string, password: string, method: string): Promise<string> => {
    const culvert = scene.culvert(client, { gateway: hostAddress, user, password, profile: profileOf(method) });
    const event = await culvert.until(({ event: name }) => name === 'connected' || name === 'failed');
    await culvert.stop();
    return event.event === 'failed' ? event.failure.code : event.event;
  };

  const ada = typed('ada', 'mschapv2');
  await ada.answer(/Password: /, 'ada-first-password');
  await ada.until(/your password has to be changed/);
  await chooses(ada, 'short');
  await ada.until(/auth\.passwordChangeFailed[^]*choose one of at least 8 characters/);
  await chooses(ada, 'ada-second-password');
  await end(ada);
  expect(await signIn('ada', 'ada-first-password', 'mschapv2')).toBe('auth.rejected');
  expect(await signIn('ada', 'ada-second-password', 'mschapv2')).toBe('connected');

  const bob = typed('bob', 'eap-mschapv2');
  await bob.answer(/Password: /, 'bob-first-password');
  await chooses(bob, 'bob-second-password');
  await end(bob);
  expect(await signIn('bob', 'bob-first-password', 'eap-mschapv2')).toBe('auth.rejected');
  expect(await signIn('bob', 'bob-second-password', 'eap-mschapv2')).toBe('connected');

  // Where nobody can be asked, it says what to do.
  expect(await host.command('users', 'set', 'ada', '--must-change-password')).toMatchObject({ exitCode: 0 });
  expect(await signIn('ada', 'ada-second-password', 'mschapv2')).toBe('auth.passwordExpired');

  const audit = await host.command('audit', 'show', '--kind', 'userChanged');
  expect(audit.stdout).toMatch(/user ada got a new password by the user[^]*user bob got a new password by the user/);
  const written = [
    host.process.stdout() + host.process.stderr(),
    readFileSync(join(host.folder, 'audit', 'audit.jsonl'), 'utf8'),
    readFileSync(join(host.folder, 'users', 'users.store'), 'latin1'),
    ada.shown() + bob.shown(),
  ].join('\n');
  expect(written).not.toMatch(/-(?:first|second)-password/);
});
