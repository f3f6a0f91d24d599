import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { electronRuntime } from '../setup/electron-runtime.mjs';
import { OpensslAuthority, type KeyKind } from '../support/openssl-authority.ts';
import type { Cases } from '../support/programs/judge-certificates.ts';

const pki = new OpensslAuthority();
let electron: string;
beforeAll(async () => {
  electron = await electronRuntime();
});
afterAll(() => {
  pki.remove();
});

const dayMs = 86_400_000;

/** What is judged for keys of one kind, and how. */
function casesOf(key: KeyKind): { readonly cases: Cases; readonly expected: readonly string[] } {
  const root = pki.authority('/CN=Root', { key });
  const upper = pki.authority('/CN=Middle', {
    key,
    issuer: root,
    extensions: ['basicConstraints=critical,CA:TRUE', 'nameConstraints=critical,permitted;DNS:example.com'],
  });
  const issue = (name: string) =>
    pki.issue({ subject: '/CN=g', key, issuer: upper, extensions: [`subjectAltName=DNS:${name}`] });
  const [good, revoked, misnamed] = [issue('vpn.example.com'), issue('vpn.example.com'), issue('vpn.example.org')];
  const lists = [pki.revocationList(root, []), pki.revocationList(upper, [revoked])].map(text);
  const chain = (leaf: typeof good, atMs = Date.now()) => ({
    chain: [leaf, upper].map(({ der }) => text(der)),
    authority: text(root.der),
    lists,
    atMs,
  });
  const files = (['modern', 'legacy'] as const).map((name) => {
    const file = pki.file(`${key}-${name}.p12`);
    const options = name === 'legacy' ? ['-legacy'] : [];
    pki.run(
      'pkcs12',
      '-export',
      '-in',
      good.certificateFile,
      '-inkey',
      good.keyFile,
      '-passout',
      'pass:söcret',
      '-out',
      file,
      ...options,
    );
    return file;
  });
  const shown = key === 'rsa' ? 'RSA 2048' : 'ECDSA P-256';
  return {
    cases: {
      chains: [
        chain(good),
        chain(revoked),
        chain(misnamed),
        chain(good, Date.now() - dayMs),
        chain(good, Date.now() + 90 * dayMs),
      ],
      pkcs12: [...files.map((file) => ({ file, passphrase: 'söcret' })), { file: files[0] ?? '', passphrase: 'wrong' }],
    },
    expected: [
      `${shown} good`,
      'revoked',
      'wrongUsage',
      'notYetValid',
      'expired',
      `${shown} opened`,
      `${shown} opened`,
      'wrongPassphrase',
    ],
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

test("certificates are judged and opened alike under Electron's BoringSSL and under Node's OpenSSL", async () => {
  const kinds = [casesOf('rsa'), casesOf('ec')];
  const cases: Cases = {
    chains: kinds.flatMap((kind) => kind.cases.chains),
    pkcs12: kinds.flatMap((kind) => kind.cases.pkcs12),
  };
  const expected = [
    ...kinds.flatMap((kind) => kind.expected.slice(0, 5)),
    ...kinds.flatMap((kind) => kind.expected.slice(5)),
  ];
  const file = pki.file('cases.json', JSON.stringify(cases));
  const script = pki.file('judge.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../support/programs/judge-certificates.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  for (const runtime of [process.execPath, electron]) {
    const { stdout } = await promisify(execFile)(runtime, [script, file], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const report = JSON.parse(stdout) as { readonly electron?: string; readonly verdicts: readonly string[] };
    expect(report.electron === undefined).toBe(runtime === process.execPath);
    expect(report.verdicts).toEqual(expected);
  }
});
