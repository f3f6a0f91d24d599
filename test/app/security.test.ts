import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProfilesSlice } from '../../main/contracts/app-state/profiles.ts';
import { testProfile } from '../support/culvert.ts';
import { useLoneApp } from './support/lone-app.ts';

/** What a page in another's hands tries, in the real window. */

const markup = '<img src=x onerror="window.taken=1"><script>window.taken=1</script>';
const lone = useLoneApp({
  profiles: {
    text: testProfile('203.0.113.40', { name: 'text', user: markup }),
    control: testProfile('203.0.113.40', { name: 'a\u0000b\u001b[2J' }),
    markup: testProfile('203.0.113.40', { name: markup, user: markup }),
    command: { ...testProfile('203.0.113.40'), onConnect: 'touch /tmp/taken', network: { upScript: '/bin/sh' } },
    prototype: JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}},"version":1}') as object,
    argument: testProfile('--config=/etc/shadow'),
    shape: { name: ['a'], gateway: { toString: 'b' }, ipsec: 7 },
  },
});

test('Electron runs the page with the rights that were written down', async () => {
  const rights = await lone.app.electron.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const contents = window?.webContents as unknown as { getLastWebPreferences(): object } | undefined;
    return contents?.getLastWebPreferences();
  });
  expect(rights).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
  });
});

test('the page has the bridge, and nothing of Node or Electron', async () => {
  const found = await lone.page.evaluate(() => ({
    bridge: Object.keys(window.culvert).sort(),
    others: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
      (name) => name in window,
    ),
    frozen: Object.isFrozen(window.culvert),
  }));
  expect(found).toEqual({ bridge: ['call', 'onState'], others: [], frozen: true });
});

test('nothing is fetched from, sent to, or run from anywhere else', async () => {
  const tried = await lone.page.evaluate(async () => {
    const outcome = async (attempt: () => unknown): Promise<string> => {
      try {
        await attempt();
        return 'done';
      } catch {
        return 'refused';
      }
    };
    const loaded = (element: HTMLElement): Promise<unknown> =>
      new Promise((resolve, reject) => {
        element.onload = resolve;
        element.onerror = reject;
        document.body.append(element);
        setTimeout(reject, 2000);
      });
    const script = (text: string): unknown => {
      const element = document.createElement('script');
      element.textContent = text;
      document.body.append(element);
      if (!('ran' in window)) throw new Error('it did not run');
      return undefined;
    };
    return {
      fetch: await outcome(() => fetch('https://203.0.113.40/')),
      ownFiles: await outcome(() => fetch('app://culvert/index.html')),
      file: await outcome(() => fetch('file:///etc/passwd')),
      socket: await outcome(
        () =>
          new Promise((resolve, reject) => {
            const socket = new WebSocket('ws://203.0.113.40/');
            socket.onopen = resolve;
            socket.onerror = reject;
          }),
      ),
      image: await outcome(() => loaded(Object.assign(new Image(), { src: 'http://203.0.113.40/a.png' }))),
      frame: await outcome(async () => {
        const frame = Object.assign(document.createElement('iframe'), { src: 'app://culvert/index.html' });
        await loaded(frame);
        if (frame.contentDocument === null || frame.contentDocument.title === '') throw new Error('empty');
      }),
      eval: await outcome(() => (0, eval)('1')),
      inline: await outcome(() => script('window.ran = 1')),
      markup: await outcome(() => {
        document.createElement('div').innerHTML = '<b>a</b>';
      }),
      worker: await outcome(() => new Worker('data:text/javascript,1')),
      module: await outcome(() => import(/* @vite-ignore */ ['data:text/javascript', '1'].join())),
    };
  });
  expect(new Set(Object.values(tried)), JSON.stringify(tried)).toEqual(new Set(['refused']));
});

test('WebRTC, which no policy of the page hears of, reaches nobody', async () => {
  const { page, machine, app } = lone;
  const policy = await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getWebRTCIPHandlingPolicy(),
  );
  const leaving =
    'chain leaving { type filter hook output priority 0; oifname != "lo" meta l4proto { tcp, udp } counter; }';
  expect(policy).toBe('disable_non_proxied_udp');
  await machine.exec(['nft', `table inet test { ${leaving}; }`]);
  await page.evaluate(async () => {
    const server = { username: 'what was read', credential: 'x' };
    const urls = [
      'turn:203.0.113.1:3478?transport=udp',
      'turn:203.0.113.1:3478?transport=tcp',
      'stun:203.0.113.1:3478',
    ];
    const connection = new RTCPeerConnection({ iceServers: urls.map((url) => ({ urls: url, ...server })) });
    connection.createDataChannel('x');
    await connection.setLocalDescription(await connection.createOffer());
    await new Promise((resolve) => setTimeout(resolve, 3000));
    connection.close();
  });
  expect((await machine.exec(['nft', 'list', 'table', 'inet', 'test'])).stdout).toContain('counter packets 0 bytes 0');
});

test('a page names no file of the computer', async () => {
  const answer = await lone.page.evaluate(() =>
    window.culvert.call('profiles.save', {
      profile: {
        version: 1,
        name: 'files',
        gateway: '203.0.113.40',
        ipsec: { certificate: { pem: '/etc/ssl/certs/x.pem', key: '/home/alice/.ssh/id_rsa' } },
      },
      secrets: {},
    }),
  );
  expect(answer).toMatchObject({ ok: false, failure: { code: 'profile.namesFile' } });
});

test('a malicious profile is named as broken, or is nothing but text', async () => {
  const { page } = lone;
  const slice = await page.evaluate(
    () =>
      new Promise<ProfilesSlice>((resolve) => {
        window.culvert.onState((name, value) => {
          if (name === 'profiles') resolve(value as ProfilesSlice);
        });
        void window.culvert.call('window.subscribe', undefined);
      }),
  );
  const broken: Readonly<Record<string, string>> = Object.fromEntries(
    slice.broken.map(({ file, failure }) => [basename(file), failure.cause]),
  );
  expect(broken['command.json']).toMatch(/upScript: there is no such member; onConnect: there is no such member/);
  expect(Object.keys(broken).sort()).toEqual(
    ['argument', 'command', 'control', 'markup', 'prototype', 'shape'].map((name) => `${name}.json`),
  );
  expect(slice.entries.map(({ user }) => user)).toEqual([markup]);
  await page.getByRole('button', { name: 'Connect to text' }).waitFor();
  expect(await page.evaluate(() => 'taken' in window || 'isAdmin' in {})).toBe(false);
});

test('the page leads nowhere, opens nothing and is permitted nothing', async () => {
  const { page, app } = lone;
  for (const address of [
    'https://example.com/',
    'file:///etc/passwd',
    'app://culvert/../main.js',
    'javascript:alert(1)',
  ]) {
    await page
      .evaluate((to) => {
        location.href = to;
      }, address)
      .catch(() => undefined);
  }
  expect(await page.evaluate(() => window.open('app://culvert/index.html'))).toBeNull();
  expect(page.url()).toBe('app://culvert/index.html');
  expect(app.electron.windows()).toHaveLength(1);
  const permitted = await page.evaluate(async () => {
    const asked = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'].map(
      async (name) => {
        const { state } = await navigator.permissions.query({ name: name as PermissionName });
        return state;
      },
    );
    const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(
      () => 'granted',
      () => 'denied',
    );
    return [...new Set([...(await Promise.all(asked)), camera, await Notification.requestPermission()])];
  });
  expect(permitted).toEqual(['denied']);
});

test('calls of names and shapes that there are not are refused, and change nothing', async () => {
  const { page, app } = lone;
  const home = (): string[] =>
    readdirSync(join(app.folder, 'home'), { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.includes('/window'))
      .sort();
  const before = home();
  const answers = await page.evaluate(async () => {
    const attempts: [unknown, unknown?][] = [
      ['shell.run', 'id'],
      ['__proto__', {}],
      ['constructor', {}],
      [{ toString: 'connection.connect' }, {}],
      [['connection.connect'], { profile: 'markup' }],
      ['connection.connect', { profile: '../../../etc/passwd' }],
      ['connection.connect', { profile: 'markup', binary: '/bin/sh' }],
      ['connection.connect', { profile: { $ne: '' } }],
      ['settings.change', { theme: 'dark', __proto__: null, startCommand: '/bin/sh' }],
      ['settings.change', { theme: 'x'.repeat(10_000_000) }],
      ['prompts.answer', { id: 1, answer: { kind: 'approval' } }],
      ['prompts.answer', { id: -1, answer: { kind: 'gatewayIdentity', accept: true } }],
      ['log.read', { after: 0, limit: 1e9 }],
      ['log.read', { after: Number.NaN, limit: 1 }],
      ['window.subscribe', { contents: 1 }],
    ];
    return Promise.all(
      attempts.map(([name, argument]) =>
        window.culvert.call(name as string, argument).then(
          (value) => `answered ${JSON.stringify([name, value])}`,
          () => 'refused',
        ),
      ),
    );
  });
  expect(new Set(answers)).toEqual(new Set(['refused']));
  expect(home()).toEqual(before);
  expect(
    await page.evaluate(() => window.culvert.call('log.read', { after: 0, limit: 1, redacted: false })),
  ).toMatchObject({
    ok: true,
  });
});

test('another page with the same preload script and the same address is not the window', async () => {
  const bridge = join(lone.app.folder, 'repository', 'dist', 'app', 'preload.cjs');
  const said = await lone.app.electron.evaluate(async ({ BrowserWindow }, preload) => {
    const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
    await other.loadURL('app://culvert/index.html');
    const tried =
      "culvert.call('log.read', { after: 0, limit: 1, redacted: false }).then(() => 'answered', (error) => error.message)";
    const answer = (await other.webContents.executeJavaScript(tried)) as string;
    other.destroy();
    return answer;
  }, bridge);
  expect(said).toMatch(/not from the window/);
});
