import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readAnswer } from '../../../main/host/winbind/conversation.ts';
import { NtlmAuth } from '../../../main/host/winbind/index.ts';
import { meaningOf } from '../../../main/host/winbind/statuses.ts';
import { groupAlive } from '../../support/processes.ts';
import { scratchFolder } from '../../support/scratch.ts';

vi.setConfig({ testTimeout: 60_000 });

const folder = scratchFolder('ntlm-auth');
const never = (): AbortSignal => new AbortController().signal;
const proof = {
  domain: 'CORP',
  account: 'ada\nPassword: x',
  challenge: Uint8Array.from({ length: 8 }, (_, i) => i),
  ntResponse: Uint8Array.from({ length: 24 }, () => 0xab),
};
const key = '000102030405060708090a0b0c0d0e0f';

let programs = 0;
/** A program in the place of ntlm_auth. */
function program(script: string): string {
  programs += 1;
  const file = join(folder, `ntlm_auth-${programs}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

const ask = (script: string, timeoutMs = 30_000, signal = never()) =>
  new NtlmAuth({ program: program(script), timeoutMs }).judge(proof, signal);
const says = (...lines: readonly string[]): string => `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}`;

describe('ntlm_auth', () => {
  test('is told what proves a user where nobody else of the machine reads it, and names as no lines of their own', async () => {
    const [argv, input] = [join(folder, 'argv'), join(folder, 'input')];
    const script = `printf '%s\\n' "$@" >${argv}; cat >${input}; ${says('Authenticated: Yes', `User-Session-Key: ${key}`, '.')}`;
    const configured = new NtlmAuth({ program: program(script), configFile: '/etc/smb.conf', timeoutMs: 30_000 });
    const answer = await configured.judge(proof, never());
    expect(answer).toMatchObject({ kind: 'accepted' });
    expect(answer.kind === 'accepted' && Buffer.from(answer.hashHash.expose()).toString('hex')).toBe(key);
    expect(JSON.stringify(answer)).not.toContain('"0":0');
    expect(readFileSync(argv, 'utf8')).toBe(
      '--helper-protocol=ntlm-server-1\n--allow-mschapv2\n--configfile=/etc/smb.conf\n',
    );
    expect(readFileSync(input, 'utf8').split('\n')).toEqual([
      `Username:: ${Buffer.from(proof.account).toString('base64')}`,
      `NT-Domain:: ${Buffer.from('CORP').toString('base64')}`,
      'LANMAN-Challenge: 0001020304050607',
      `NT-Response: ${'ab'.repeat(24)}`,
      'Request-User-Session-Key: Yes',
      '.',
      '',
    ]);
  });

  test('refuses in its own words or by the name of the status', async () => {
    const refuse = (error: string) => ask(says('Authenticated: No', `Authentication-Error: ${error}`, '.', '.'));
    expect(await refuse('The user account has expired.')).toEqual({ kind: 'refused', reason: 'accountExpired' });
    expect(await refuse('NT_STATUS_PASSWORD_MUST_CHANGE')).toEqual({ kind: 'refused', reason: 'passwordExpired' });
    // An outage of the domain is nobody's wrong password.
    const detail = 'No logon servers are currently available to service the logon request.';
    expect(await refuse(detail)).toEqual({ kind: 'unavailable', detail });
  });

  test.each<[string, string, RegExp]>([
    ['is not there', '', /./],
    ['ends without an answer', 'exit 1', /ended without an answer/],
    ['complains', 'echo "winbindd is not running" >&2; exit 1', /winbindd is not running/],
    ['answers noise', 'head -c 100 /dev/urandom; echo; echo .', /something else/],
    ['answers something else', says('Password-Change: Yes', '.'), /something else/],
    ['answers no error of a user', says('Error: No username supplied!', '.'), /No username supplied/],
    ['accepts without a key', says('Authenticated: Yes', '.'), /no session key/],
    ['accepts with half a key', says('Authenticated: Yes', 'User-Session-Key: 0001', '.'), /no session key/],
    ['talks for ever', 'yes', /more than an answer has/],
    ['never ends its line', 'while :; do printf aaaaaaaaaaaaaaaa; done', /more than an answer has/],
  ])('that %s lets nobody in and refuses nobody', async (what, script, detail) => {
    const asked =
      what === 'is not there'
        ? new NtlmAuth({ program: join(folder, 'gone'), timeoutMs: 30_000 }).judge(proof, never())
        : ask(script);
    expect(await asked).toMatchObject({ kind: 'unavailable', detail: expect.stringMatching(detail) as string });
  });

  test('that hangs is ended, in time or when nobody waits for it any more', async () => {
    const pidFile = join(folder, 'pid');
    const hang = `echo $$ >${pidFile}; exec sleep 600`;
    expect(await ask(hang, 500)).toEqual({ kind: 'unavailable', detail: 'no answer within 0.5 s' });
    await vi.waitFor(() => {
      expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
    });
    const unwanted = new AbortController();
    const waiting = ask(hang, 60_000, unwanted.signal);
    unwanted.abort();
    expect(await waiting).toEqual({ kind: 'cancelled' });
    expect(await ask(hang, 60_000, unwanted.signal)).toEqual({ kind: 'cancelled' });
  });

  test('runs a bounded number of times at once, and everybody is answered', async () => {
    const log = join(folder, 'log');
    const script = `echo + >>${log}; sleep 0.2; echo - >>${log}; ${says('Authenticated: Yes', `User-Session-Key: ${key}`, '.')}`;
    const one = new NtlmAuth({ program: program(script), timeoutMs: 50_000 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => one.judge(proof, never())));
    expect(answers.every(({ kind }) => kind === 'accepted')).toBe(true);
    let [now, most] = [0, 0];
    for (const sign of readFileSync(log, 'utf8').split('\n')) {
      now += sign === '+' ? 1 : sign === '-' ? -1 : 0;
      most = Math.max(most, now);
    }
    expect(most).toBeLessThanOrEqual(16);
  });
});

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return groupAlive(pid);
  }
};

describe('an answer', () => {
  test('is read whatever it holds, and is a yes only where it says so', () => {
    const lines = fc.constantFrom('Authenticated: Yes', 'Authenticated: No', '.', 'Error: x', 'x', '', ': ', '..');
    fc.assert(
      fc.property(fc.array(fc.oneof(lines, fc.string()), { maxLength: 12 }), (parts) => {
        const text = parts.join('\n');
        const answer = readAnswer(text, 'Authenticated');
        if (answer?.kind === 'yes') expect(text).toMatch(/^Authenticated: Yes$/m);
        if (answer === undefined) expect(text).not.toMatch(/^\.$/m);
      }),
    );
  });

  test('that names no status says nothing about a user', () => {
    expect(meaningOf('')).toBeUndefined();
    expect(meaningOf('NT_STATUS_NO_LOGON_SERVERS')).toBeUndefined();
    expect(meaningOf('constructor')).toBeUndefined();
  });
});
