import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { dhGroups } from '../../../../main/engine/crypto/groups.ts';
import { type VendorName, groups, vendorIds, vendorName } from '../../../../main/protocol/ike/wire/index.ts';
import { addressBytes, addressText } from '../../../../main/protocol/wire/address.ts';
import { concat, fromHex, toHex } from '../../../../main/protocol/wire/bytes.ts';

describe('vendor IDs', () => {
  test.each<[VendorName, string]>([
    ['natTraversal', 'RFC 3947'],
    ['natTraversalDraft', 'draft-ietf-ipsec-nat-t-ike'],
    ['natTraversalDraft00', 'draft-ietf-ipsec-nat-t-ike-00'],
    ['natTraversalDraft01', 'draft-ietf-ipsec-nat-t-ike-01'],
    ['natTraversalDraft02', 'draft-ietf-ipsec-nat-t-ike-02'],
    ['natTraversalDraft02Newline', 'draft-ietf-ipsec-nat-t-ike-02\n'],
    ['natTraversalDraft03', 'draft-ietf-ipsec-nat-t-ike-03'],
    ['natTraversalDraft04', 'draft-ietf-ipsec-nat-t-ike-04'],
    ['natTraversalDraft05', 'draft-ietf-ipsec-nat-t-ike-05'],
    ['natTraversalDraft06', 'draft-ietf-ipsec-nat-t-ike-06'],
    ['natTraversalDraft07', 'draft-ietf-ipsec-nat-t-ike-07'],
    ['natTraversalDraft08', 'draft-ietf-ipsec-nat-t-ike-08'],
    ['fragmentation', 'FRAGMENTATION'],
    ['microsoftNt5', 'MS NT5 ISAKMPOAKLEY'],
    ['microsoftInitialContact', 'Vid-Initial-Contact'],
    ['microsoftIkeCga', 'IKE CGA version 1'],
    ['microsoftNegotiationDiscovery', 'MS-Negotiation Discovery Capable'],
    ['microsoftMamieExists', 'MS-MamieExists'],
    ['gssApi', 'GSSAPI'],
    ['strongSwan', 'strongSwan'],
  ])('%s is the MD5 of its phrase', (name, phrase) => {
    expect(toHex(vendorIds[name])).toBe(createHash('md5').update(phrase).digest('hex'));
  });

  test('each is known by itself, and with a version behind it', () => {
    for (const [name, id] of Object.entries(vendorIds)) {
      expect(vendorName(id)).toBe(name);
      expect(vendorName(concat(id, fromHex('80000000')))).toBe(name);
    }
    expect(vendorName(fromHex('4a131c81'))).toBeUndefined();
    expect(vendorName(new Uint8Array())).toBeUndefined();
  });
});

test('every group that the crypto port has can be named on the wire', () => {
  expect(Object.keys(groups.numbers)).toEqual(expect.arrayContaining(Object.keys(dhGroups)));
});

describe('addresses', () => {
  test.each([
    ['192.0.2.1', 'c0000201', '192.0.2.1'],
    ['::', '00000000000000000000000000000000', '::'],
    ['::1', '00000000000000000000000000000001', '::1'],
    ['2001:DB8::', '20010db8000000000000000000000000', '2001:db8::'],
    ['2001:db8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '00010000000200030004000500060007', '1:0:2:3:4:5:6:7'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:c000:201'],
  ])('%s', (text, bytes, canonical) => {
    expect(toHex(addressBytes(text) ?? new Uint8Array())).toBe(bytes);
    expect(addressText(fromHex(bytes))).toBe(canonical);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    '1:2',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7:8::',
    '::g',
    'fe80::1%eth0',
    '::1.2.3',
  ])('%j is none', (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });
});
