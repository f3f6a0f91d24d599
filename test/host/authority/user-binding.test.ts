import { expect, test } from 'vitest';
import { isBoundTo } from '../../../main/host/authority/user-binding.ts';

const certificate = {
  fingerprint: 'f',
  subject: 'O=Example, CN=Alice',
  commonNames: ['Alice'],
  issuer: 'CN=ca',
  names: ['alice@example.com', 'laptop.example.com'],
  notAfter: '2030-01-01T00:00:00Z',
};

test.each([
  ['none', 'bob', true],
  ['commonName', 'alice', true],
  ['commonName', 'alice@example.com', false],
  ['commonName', 'bob', false],
  ['commonName', '', false],
  ['name', 'alice', true],
  ['name', 'Alice@Example.com', true],
  ['name', 'bob@example.com', false],
] as const)('binding by %s: %s signing in with the certificate of Alice: %s', (binding, user, allowed) => {
  expect(isBoundTo(certificate, binding, user)).toBe(allowed);
});

test('who has no certificate is bound to nobody, nor is anybody where nothing is configured', () => {
  expect(isBoundTo(undefined, 'commonName', 'bob')).toBe(true);
  expect(isBoundTo(certificate, undefined, 'bob')).toBe(true);
});
