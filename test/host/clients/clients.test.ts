import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import plist from 'plist';
import { expect, test } from 'vitest';
import { clientPlatforms } from '../../../main/contracts/client-platforms.ts';
import { clientInstructions as instructionsContract } from '../../../main/contracts/host-clients.ts';
import { clientServer, userName } from '../../../main/contracts/host-forms.ts';
import { hostChoices } from '../../../main/contracts/host-guide.ts';
import { profile } from '../../../main/contracts/profile.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import {
  clientInstructions,
  files,
  qrModules,
  settingsText,
  type ClientFacts,
} from '../../../main/host/clients/index.ts';
import { powershellWord } from '../../../main/host/clients/windows.ts';
import { inRepository } from '../../support/repository.ts';

const keyless: ClientFacts = {
  name: 'office',
  server: 'vpn.example.com',
  user: 'alice',
  tunnel: 'full',
  routes: [],
  asksForCodes: false,
  isBehindRouter: true,
};
const facts: ClientFacts = { ...keyless, preSharedKey: new Secret('k7fm-93ab-xyz2-abcd-efgh-jkmn') };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Whatever the contracts let through. */
const anyUser = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((name) => userName.safeParse(name).success);
const anyKey = fc
  .string({ unit: 'grapheme-ascii', minLength: 16, maxLength: 60 })
  .filter((key) => hostChoices.shape.preSharedKey.safeParse(key).success);
const anyName = fc.constantFrom('office', '0-a', 'x', 'a-name-of-thirty-one-characters');
const anyServer = fc
  .oneof(fc.domain(), fc.ipV4(), fc.ipV6())
  .filter((server) => clientServer.safeParse(server).success);
const anyFacts: fc.Arbitrary<ClientFacts> = fc
  .record({
    name: anyName,
    server: anyServer,
    user: anyUser,
    key: anyKey,
    tunnel: fc.constantFrom('full', 'split'),
    routes: fc.constantFrom([], ['10.20.0.0/16'], ['10.20.0.0/16', 'fd00::/8', '192.168.7.0/24']),
    asksForCodes: fc.boolean(),
    isBehindRouter: fc.boolean(),
  })
  .map(({ key, tunnel, ...rest }) => ({
    ...rest,
    preSharedKey: new Secret(key),
    tunnel: tunnel,
  }));

test("Apple's profile says the same whatever names hold, and never a password", () => {
  fc.assert(
    fc.property(anyFacts, (each) => {
      const xml = text(files.mobileconfig.content(each));
      const read = plist.parse(xml) as { PayloadUUID: string; PayloadContent: readonly Record<string, unknown>[] };
      const [vpn] = read.PayloadContent;
      expect(read.PayloadContent).toHaveLength(1);
      expect(vpn).toMatchObject({
        PayloadType: 'com.apple.vpn.managed',
        VPNType: 'L2TP',
        UserDefinedName: each.name,
        PPP: {
          CommRemoteAddress: each.server,
          TokenCard: false,
          AuthName: each.user?.replaceAll(/[\ufffe\uffff]/g, ''),
        },
        IPv4: { OverridePrimary: each.tunnel === 'full' ? 1 : 0 },
      });
      const ipsec = vpn?.['IPSec'] as { AuthenticationMethod: string; SharedSecret: Uint8Array };
      expect(ipsec.AuthenticationMethod).toBe('SharedSecret');
      expect(text(ipsec.SharedSecret)).toBe(each.preSharedKey?.expose());
      expect(xml).not.toMatch(/AuthPassword|LocalIdentifier/);
    }),
  );
});

test("Apple's profile replaces the one before it, and no other's", () => {
  const identify = (each: ClientFacts): string =>
    (plist.parse(text(files.mobileconfig.content(each))) as { PayloadUUID: string }).PayloadUUID;
  expect(identify({ ...facts, user: 'bob' })).toBe(identify(facts));
  expect(identify({ ...facts, server: 'other.example' })).not.toBe(identify(facts));
  expect(identify(facts)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

/** A keyfile as GLib reads it: escapes in values, no continuation of lines. */
function readKeyfile(content: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  let section = '';
  for (const line of content.split('\n')) {
    if (line === '') continue;
    const heading = /^\[([^\][]+)\]$/.exec(line)?.[1];
    if (heading !== undefined) {
      section = heading;
      continue;
    }
    const [, key, value] = /^([A-Za-z0-9-]+)=(.*)$/s.exec(line) ?? [];
    if (key === undefined || value === undefined) throw new Error(`not a line of a keyfile: ${line}`);
    if (value !== value.trimStart()) throw new Error(`GLib drops the spaces of: ${line}`);
    if (entries.has(`${section}.${key}`)) throw new Error(`twice: ${section}.${key}`);
    const signs: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };
    entries.set(
      `${section}.${key}`,
      value.replaceAll(/\\(.?)/gs, (whole, sign: string) => {
        const meant = signs[sign];
        if (meant === undefined) throw new Error(`no escape: ${whole}`);
        return meant;
      }),
    );
  }
  return entries;
}

test("NetworkManager's file says the same whatever names hold, and never a password", () => {
  fc.assert(
    fc.property(anyFacts, (each) => {
      const read = readKeyfile(text(files.nmconnection.content(each)));
      expect(read.get('vpn.service-type')).toBe('org.freedesktop.NetworkManager.l2tp');
      expect(read.get('vpn.gateway')).toBe(each.server);
      expect(read.get('vpn.user')).toBe(each.user);
      expect(read.get('vpn-secrets.ipsec-psk')).toBe(each.preSharedKey?.expose());
      expect(read.get('ipv4.never-default')).toBe(each.tunnel === 'split' ? 'true' : undefined);
      expect(read.has('vpn-secrets.password')).toBe(false);
    }),
  );
});

/** A string in single quotes as PowerShell reads it (about_Quoting_Rules): five characters are the quotation mark. */
function readPowershellWord(word: string): string {
  if (!word.startsWith("'")) {
    expect(word).toMatch(/^[a-z0-9][a-z0-9.-]*$/i);
    return word;
  }
  const signs = word.slice(1);
  let read = '';
  for (let at = 0; at < signs.length; at++) {
    if (!/['\u2018\u2019\u201a\u201b]/.test(signs.charAt(at))) read += signs.charAt(at);
    else if (at === signs.length - 1) return read;
    else if (/['\u2018\u2019\u201a\u201b]/.test(signs.charAt(at + 1))) read += signs.charAt(at++);
    else throw new Error(`the string ends early: ${word}`);
  }
  throw new Error(`the string does not end: ${word}`);
}

test('PowerShell reads a word as it is meant, whatever quotation marks are in it', () => {
  const quotes = fc.constantFrom("'", '\u2018', '\u2019', '\u201a', '\u201b', '"', '`', '$', ';', ' ', 'a');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(quotes).map((all) => all.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (word) => {
        expect(readPowershellWord(powershellWord(word))).toBe(word);
      },
    ),
  );
});

test('the script for Windows is read as UTF-8, holds the key as one word, and restarts nothing by itself', () => {
  const script = text(files.powershell.content({ ...facts, preSharedKey: new Secret("it's-$(whoami)-`key") }));
  expect(script.startsWith('\ufeff#Requires -RunAsAdministrator\r\n')).toBe(true);
  expect(script).toContain(
    "Add-VpnConnection -Name office -ServerAddress vpn.example.com -TunnelType L2tp -L2tpPsk 'it''s-$(whoami)-`key'",
  );
  expect(script).toContain('-Name AssumeUDPEncapsulationContextOnSendRule -Type DWord -Value 2');
  expect(script).not.toMatch(/Restart-Computer|SplitTunneling/);
});

test('with a split tunnel Windows is told so; directly reached, it needs no change of the registry', () => {
  const script = text(files.powershell.content({ ...facts, tunnel: 'split', isBehindRouter: false }));
  expect(script).toContain('-SplitTunneling');
  expect(script).not.toContain('AssumeUDP');
  const steps = clientInstructions('windows', { ...facts, isBehindRouter: false }).steps;
  expect(JSON.stringify(steps)).not.toContain('reg add');
});

test("the registry's file is UTF-16 as regedit wants it", () => {
  const bytes = files.registry.content(facts);
  expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xfe]);
  expect(Buffer.from(bytes.subarray(2)).toString('utf16le')).toBe(
    'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent]\r\n' +
      '"AssumeUDPEncapsulationContextOnSendRule"=dword:00000002\r\n',
  );
});

test("Culvert's profile is valid, and its key is the same bytes, whatever it begins with", () => {
  fc.assert(
    fc.property(anyFacts, (each) => {
      const read = profile.parse(JSON.parse(text(files.culvertProfile.content(each))));
      expect(read).toMatchObject({ name: each.name, gateway: each.server, user: each.user });
      expect(read.ipsec.preSharedKey).toBe(each.preSharedKey?.expose());
      expect(read.network.mode).toBe(each.tunnel === 'split' && each.routes.length > 0 ? 'split' : 'full');
    }),
  );
  const odd = JSON.parse(text(files.culvertProfile.content({ ...facts, preSharedKey: new Secret('0x41') }))) as unknown;
  expect(odd).toMatchObject({ ipsec: { preSharedKey: '0x30783431' } });
});

test('every platform has instructions that keep the contract, and every file a name that is one', () => {
  for (const platform of Object.keys(clientPlatforms) as (keyof typeof clientPlatforms)[]) {
    const instructions = instructionsContract.parse(clientInstructions(platform, facts));
    expect(instructions.steps.length).toBeGreaterThan(0);
    expect(JSON.stringify(instructions)).toContain('vpn.example.com');
    for (const { name } of instructions.files) expect(name).toMatch(/^[a-z0-9-]+\.[a-z0-9]+$/);
  }
});

test('without the key a placeholder stands there, and no file is offered that would need it', () => {
  const all = JSON.stringify(
    (['windows', 'macos', 'ios', 'linux', 'culvert'] as const).map((each) => clientInstructions(each, keyless)),
  );
  expect(all).not.toContain('k7fm');
  expect(all).toContain('the pre-shared key');
  expect(clientInstructions('macos', keyless).files).toEqual([]);
  expect(clientInstructions('windows', keyless).files.map(({ kind }) => kind)).toEqual(['registry']);
});

test('only fields with the key are marked as secret', () => {
  for (const platform of Object.keys(clientPlatforms) as (keyof typeof clientPlatforms)[]) {
    for (const { fields } of clientInstructions(platform, facts).steps) {
      for (const { value, isSecret } of fields) expect(value.includes('k7fm')).toBe(isSecret);
    }
  }
});

test('the code for telephones is a square of the settings, with no link in it', () => {
  expect(settingsText(facts)).toBe(
    'VPN office (L2TP)\nServer: vpn.example.com\nAccount: alice\nSecret: k7fm-93ab-xyz2-abcd-efgh-jkmn',
  );
  const modules = qrModules(settingsText(facts));
  expect(modules.every((row) => row.length === modules.length)).toBe(true);
  // Its finder patterns are in three corners.
  const corner = modules.slice(0, 7).map((row) => row.slice(0, 7).map(Number).join(''));
  expect(corner).toEqual(['1111111', '1000001', '1011101', '1011101', '1011101', '1000001', '1111111']);
});

test('docs/host.md shows the same commands', () => {
  const guide = readFileSync(inRepository('docs/host.md'), 'utf8');
  const shown = (platform: 'windows' | 'linux'): readonly string[] =>
    clientInstructions(platform, keyless)
      .steps.flatMap(({ commands }) => [commands.join('\n')])
      .filter((one) => one !== '');
  for (const command of [...shown('windows'), ...shown('linux')]) expect(guide).toContain(command);
});
