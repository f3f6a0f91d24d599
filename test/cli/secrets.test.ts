import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { askHidden } from '../../main/cli/secrets.ts';

/** What `askHidden` uses of a terminal. */
function terminal() {
  return Object.assign(new PassThrough(), { setRawMode: vi.fn() }) as unknown as typeof process.stdin & PassThrough;
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('one secret after the other is asked for on the same terminal', async () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const keyboard = terminal();
  const password = askHidden('password', keyboard);
  keyboard.write('secreX\u007ft\r');
  expect(await password).toEqual({ ok: true, value: 'secret' });
  const preSharedKey = askHidden('pre-shared key', keyboard);
  keyboard.write('key\r');
  expect(await preSharedKey).toEqual({ ok: true, value: 'key' });
  expect(written.mock.calls.join('')).toBe('Password: \nPre-shared key: \n');
});

test('what was pasted beyond the first line answers the next question', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const keyboard = terminal();
  keyboard.write('secret\nkey\n');
  expect(await askHidden('password', keyboard)).toEqual({ ok: true, value: 'secret' });
  expect(await askHidden('pre-shared key', keyboard)).toEqual({ ok: true, value: 'key' });
});

test('Ctrl-C gives up', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const keyboard = terminal();
  keyboard.write('half\u0003');
  expect(await askHidden('password', keyboard)).toMatchObject({ ok: false, failure: { code: 'credentials.missing' } });
});

test('the terminal shows nothing any more by the time the question is there', async () => {
  const steps: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => steps.push(String(text)) > 0);
  const keyboard = terminal();
  keyboard.setRawMode = (isRaw) => {
    steps.push(isRaw ? 'raw' : 'cooked');
    return keyboard;
  };
  keyboard.write('secret\r');
  await askHidden('password', keyboard);
  expect(steps).toEqual(['raw', 'Password: ', '\n', 'cooked']);
});
