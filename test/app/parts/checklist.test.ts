import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { contentPolicy, securityHeaders } from '../../../main/app/window/content-policy.ts';
import { webPreferences } from '../../../main/app/window/web-preferences.ts';
import { inRepository } from '../../support/repository.ts';

/** Electron's security checklist as far as it can be read off; `test/app/security.test.ts` tries the rest in the real window. */

const text = (path: string): string => readFileSync(inRepository(path), 'utf8');

test('the window has no rights beyond a web page', () => {
  expect(webPreferences('/preload.cjs')).toEqual({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    enableWebSQL: false,
    backgroundThrottling: true,
  });
});

const policy: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'nonce-N'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': "'none'",
};

function directives(header: string): Record<string, string> {
  return Object.fromEntries(
    header.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources.join(' ')];
    }),
  );
}

test('the content policy lets in scripts of our own files alone, by header and by meta element', () => {
  expect(directives(contentPolicy('N'))).toEqual(policy);
  const [, meta = ''] = /Content-Security-Policy"\s+content="([^"]+)"/.exec(text('renderer/index.html')) ?? [];
  const { 'frame-ancestors': inHeadersOnly, ...rest } = policy;
  expect(inHeadersOnly).toBe("'none'");
  expect(directives(meta.replace('__NONCE__', 'N'))).toEqual(rest);
});

test('every answer has the headers that keep the page to itself', () => {
  expect(securityHeaders).toEqual({
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
});

test('a release has the fuses that make its binary run this app and nothing else', () => {
  const [, block = ''] = /^electronFuses:\n((?: {2}.+\n)+)/m.exec(text('electron-builder.yml')) ?? [];
  const fuses = block
    .trim()
    .split('\n')
    .map((line) => line.trim().split(': '));
  expect(Object.fromEntries(fuses)).toMatchObject({
    runAsNode: 'false',
    enableCookieEncryption: 'true',
    enableNodeOptionsEnvironmentVariable: 'false',
    enableNodeCliInspectArguments: 'false',
    enableEmbeddedAsarIntegrityValidation: 'true',
    onlyLoadAppFromAsar: 'true',
    loadBrowserProcessSpecificV8Snapshot: 'false',
    grantFileProtocolExtraPrivileges: 'false',
  });
});

test('the preload script adds the bridge and nothing else', () => {
  const preload = text('main/preload/preload.ts');
  expect(preload.match(/exposeIn\w+\([^)]*\)/g)).toEqual(["exposeInMainWorld('culvert', bridge)"]);
  expect(preload.match(/from '[^']+'/g)).toEqual(["from 'electron'", "from '../contracts/ipc/bridge.ts'"]);
});
