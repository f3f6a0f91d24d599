import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../support/helper-processes.ts';
import { password, preSharedKey } from '../support/peers/credentials.ts';
import { eventually } from '../support/processes.ts';
import { softEtherAddress as gateway, useScene } from './scene.ts';

const scene = useScene();
const corePattern = '/proc/sys/kernel/core_pattern';
const secrets = { password, preSharedKey };

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('no secret is in ps, in the output, on disk or in a core', async () => {
  const before = readFileSync(corePattern, 'utf8');
  scene.afterwards(() => {
    writeFileSync(corePattern, before);
    return Promise.resolve();
  });
  await scene.softEther();
  const client = await scene.client();
  const culvert = scene.culvert(client, {
    gateway,
    password: `${password}\n${preSharedKey}`,
    flags: ['--psk-stdin', '--verbose'],
    profile: { ipsec: { preSharedKey: undefined } },
    coreLimit: 'unlimited',
  });
  writeFileSync(corePattern, join(culvert.folder, 'core.%p'));
  await culvert.connected();
  const { warden, broker, datapath } = await culvert.helperProcesses();
  const processes = await client.exec(['ps', '-eo', 'args=']);
  const environments = [culvert.process.pid, broker, datapath].map((pid) =>
    readFileSync(`/proc/${pid}/environ`, 'latin1'),
  );
  // Stopped first, so that none of them ends because another does.
  for (const signal of ['SIGSTOP', 'SIGABRT', 'SIGCONT'] as const) {
    for (const pid of [datapath, broker, culvert.process.pid]) process.kill(pid, signal);
  }
  await culvert.process.exited;
  // By then it has taken its journal away.
  await eventually('the end of the helper', 10_000, () => !isAlive(warden));

  const files = filesBelow(culvert.folder);
  expect(files.some((file) => file.endsWith(`core.${culvert.process.pid}`))).toBe(true);
  expect(files.some((file) => file.endsWith(`core.${datapath}`) || file.endsWith(`core.${broker}`))).toBe(false);
  for (const [name, secret] of Object.entries(secrets)) {
    const forms = [secret, Buffer.from(secret, 'utf16le').toString('latin1')];
    const found = (text: string): boolean => forms.some((form) => text.includes(form));
    expect({ name, at: 'ps', found: found(processes.stdout) }).toMatchObject({ found: false });
    expect({ name, at: 'environment', found: environments.some(found) }).toMatchObject({ found: false });
    expect({ name, at: 'output', found: found(culvert.process.stdout() + culvert.process.stderr()) }).toMatchObject({
      found: false,
    });
    for (const file of files) {
      expect({ name, file, found: found(readFileSync(file, 'latin1')) }).toMatchObject({ found: false });
    }
  }
});
