import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readChosen } from '../../../main/app/certificates/chosen.ts';
import { withUses } from '../../../main/app/certificates/uses.ts';
import { expiryMessage, ExpiryWatch } from '../../../main/app/notifications/expiry.ts';
import type { CertificateEntry } from '../../../main/contracts/app-state/certificates.ts';
import { expiring } from '../../../main/contracts/certificate-expiry.ts';
import { profile } from '../../../main/contracts/profile.ts';
import { OpensslAuthority } from '../../support/openssl-authority.ts';

const dayMs = 86_400_000;
const now = Date.parse('2026-12-01T12:00:00.000Z');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'culvert-certificates-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function entry(name: string, days: number, more: Partial<CertificateEntry> = {}): CertificateEntry {
  const id = createHash('sha256').update(`${name} ${days}`).digest('hex');
  const notAfter = new Date(now + days * dayMs).toISOString();
  const certificate = {
    ...{ fingerprint: id, subject: `CN=${name}`, issuer: 'CN=Root', serial: '01', names: [], key: 'ECDSA P-256' },
    ...{ notBefore: '2026-01-01T00:00:00.000Z', notAfter, isAuthority: false },
  };
  const uses = { usedBy: [], isMeantByName: true };
  return { id, kind: 'identity', name, addedAt: '2026-01-01T00:00:00.000Z', certificate, ...uses, ...more };
}

test('what ends within 30 days is warned of, what is over only where it is used, and what was renewed not at all', () => {
  const names = (entries: readonly CertificateEntry[]) => expiring(entries, now).map(({ name }) => name);
  expect(names([entry('far', 31), entry('near', 29), entry('unused', -1)])).toEqual(['near']);
  expect(names([entry('used', -1, { usedBy: ['office'] })])).toEqual(['used']);
  expect(names([entry('alice', 5), entry('alice', 300)])).toEqual([]);
  expect(names([entry('alice', 5), entry('alice', 300, { kind: 'authority' })])).toEqual(['alice']);
});

test('an end is told of each certificate once a day, also after a restart, and later where it could not be shown', () => {
  const shown: string[] = [];
  let clock = now;
  let canShow = false;
  let entries = [entry('alice', 5, { usedBy: ['office'] })];
  const start = () =>
    new ExpiryWatch({
      entries: () => entries,
      folder,
      show: ({ body }) => {
        if (canShow) shown.push(body);
        return canShow;
      },
      nowMs: () => clock,
    });
  start().look();
  canShow = true;
  start().look();
  start().look();
  expect(shown).toEqual(['alice (office) expires in 5 days, on 2026-12-06.']);
  entries = [...entries, entry('bob', 2)];
  start().look();
  start().look();
  expect(shown.slice(1)).toEqual(['bob expires in 2 days, on 2026-12-03.']);
  clock += dayMs;
  start().look();
  expect(shown.slice(2)).toEqual([
    'alice (office) expires in 4 days, on 2026-12-06. bob expires in 1 day, on 2026-12-03.',
  ]);
});

test('of many, three are named', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((name) => entry(name, 1));
  expect(expiryMessage(many, now)).toMatchObject({
    title: '5 certificates expire',
    body: expect.stringMatching(/^a .*c .*And 2 more\.$/) as string,
  });
  expect(expiryMessage([], now)).toBeUndefined();
});

test('a profile uses the certificate that its name means now, and believes the authority of it unless it names others', () => {
  const of = (name: string, stored: string, authorities: string[] = []) =>
    profile.parse({
      ...{ version: 1, name, title: name.toUpperCase(), gateway: 'vpn.example' },
      ipsec: { certificate: { stored }, trust: { authorities } },
    });
  const root = entry('Root', 300, { kind: 'authority' });
  const other = entry('Other', 300, { kind: 'authority' });
  const vouchedBy = [root.id];
  const [old, renewed] = [entry('alice', 5, { vouchedBy }), entry('alice', 300, { vouchedBy })];
  const bob = entry('bob', 9, { vouchedBy: [other.id] });
  const byEap = profile.parse({
    ...{ version: 1, name: 'eap', gateway: 'vpn.example' },
    ppp: { authentication: ['eap-tls'], eapTls: { certificate: { stored: 'bob' } } },
  });
  const profiles = [byEap, of('office', 'alice'), of('lab', old.id.slice(0, 12), ['ca.pem']), of('none', 'carol')];
  const told = withUses([root, other, old, renewed, bob], profiles, now);
  const used = told.map(({ usedBy }) => usedBy);
  expect(used).toEqual([['OFFICE'], ['eap'], ['LAB'], ['OFFICE'], ['eap']]);
  expect(told.map(({ isMeantByName }) => isMeantByName)).toEqual([false, false, false, true, true]);
  const foreign = entry('alice', 900, { vouchedBy: [other.id] });
  const ofName = withUses([old, renewed, foreign], [of('office', 'alice')], now).map(({ usedBy }) => usedBy);
  expect(ofName).toEqual([[], [], []]);
});

test('of two files that were chosen, the certificate is told from its key in any order', () => {
  const pki = new OpensslAuthority();
  try {
    const { certificateFile, keyFile } = pki.issue({ subject: '/CN=alice' });
    const [one, other] = [readChosen([certificateFile, keyFile]), readChosen([keyFile, certificateFile])];
    expect(one).toMatchObject({ ok: true });
    expect(one.ok && other.ok && [one.value.certificate, one.value.key]).toEqual(
      other.ok && [other.value.certificate, other.value.key],
    );
    expect(one.ok && Buffer.from(one.value.key ?? []).toString()).toContain('PRIVATE KEY');
    const big = join(folder, 'big.p12');
    writeFileSync(big, Buffer.alloc(600 * 1024));
    expect(readChosen([big])).toMatchObject({ failure: { code: 'certificates.unreadable' } });
    expect(readChosen([join(folder, 'a'), join(folder, 'b'), join(folder, 'c')])).toMatchObject({ ok: false });
  } finally {
    pki.remove();
  }
});
