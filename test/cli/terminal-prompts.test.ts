import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { terminalAsk } from '../../main/cli/terminal-prompts.ts';
import type { Prompt } from '../../main/contracts/prompt.ts';
import { Secret } from '../../main/contracts/secret.ts';

let shown = '';
beforeEach(() => {
  shown = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function answer(prompt: Prompt, keys: string, signal = new AbortController().signal, canKeep = false) {
  const keyboard = Object.assign(new PassThrough(), { setRawMode: vi.fn() });
  const answered = terminalAsk(keyboard as unknown as typeof process.stdin, canKeep)(prompt, signal);
  keyboard.write(keys);
  return answered;
}

const credentials: Prompt = { kind: 'credentials', userName: 'alice', wanted: ['userName', 'password'] };

test('Enter keeps the user name, and the password is not shown', async () => {
  expect(await answer(credentials, '\rsecret\r')).toEqual({
    kind: 'credentials',
    userName: 'alice',
    password: new Secret('secret'),
    remember: false,
  });
  expect(shown).toBe('User name [alice]: \nPassword: \n');
});

test.each([
  ['y\r', true],
  ['\r', false],
])('where it can be kept, that is asked, and no is the rule: %j', async (keys, remember) => {
  const signal = new AbortController().signal;
  expect(await answer(credentials, `\rsecret\r${keys}`, signal, true)).toMatchObject({ remember });
});

test('another user name is shown while it is typed', async () => {
  expect(await answer(credentials, 'bobx\u007f\rsecret\r')).toMatchObject({ userName: 'bob' });
  expect(shown).toContain('bobx\b \b\n');
});

test('a new password is typed twice, until both are the same', async () => {
  const prompt: Prompt = { kind: 'newPassword', userName: 'alice', text: 'It has expired' };
  const answered = (await answer(prompt, 'one\rtwo\rthree\rthree\r')) as { password: Secret<string> };
  expect(answered.password.expose()).toBe('three');
  expect(shown).not.toContain('three');
});

test.each([
  ['yes\r', { kind: 'gatewayIdentity', accept: true }],
  ['y\r', undefined],
  ['\r', undefined],
])('an identity is accepted by the whole word: %j', async (keys, expected) => {
  const prompt: Prompt = { kind: 'gatewayIdentity', claimed: { kind: 'fqdn', value: 'vpn.example.com' } };
  expect(await answer(prompt, keys)).toEqual(expected);
  expect(shown).toContain('vpn.example.com (fqdn)');
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
  ['nothing for a password', '\r\r'],
])('%s cancels', async (_, keys) => {
  expect(await answer(credentials, keys)).toBeUndefined();
});

test('a prompt that is withdrawn leaves the terminal as it was', async () => {
  const controller = new AbortController();
  const keyboard = Object.assign(new PassThrough(), { setRawMode: vi.fn() });
  const answered = terminalAsk(keyboard as unknown as typeof process.stdin, false)(credentials, controller.signal);
  controller.abort();
  expect(await answered).toBeUndefined();
  expect(keyboard.setRawMode.mock.calls).toEqual([[true], [false]]);
  expect(keyboard.listenerCount('data')).toBe(0);
});
