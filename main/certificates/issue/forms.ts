import { createHash } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { addressBytes } from '../x509/address.ts';
import { nameForms } from '../x509/alternative-names.ts';
import { extensionIds } from '../x509/extensions.ts';

/** The parts that certificates, requests and lists are made of. */

export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  readonly unit?: string;
}

/** From the general to the particular, as everybody's tools write it. */
export function subjectName({ organization, unit, commonName }: Subject): pkijs.RelativeDistinguishedNames {
  const parts = [
    ['2.5.4.10', organization],
    ['2.5.4.11', unit],
    ['2.5.4.3', commonName],
  ] as const;
  const attributes = parts.flatMap(([type, value]) =>
    value === undefined ? [] : [new pkijs.AttributeTypeAndValue({ type, value: new asn1js.Utf8String({ value }) })],
  );
  // One set for each: pkijs alone would put all of them into one.
  const sets = attributes.map((attribute) => new asn1js.Set({ value: [attribute.toSchema()] }));
  return pkijs.RelativeDistinguishedNames.fromBER(new asn1js.Sequence({ value: sets }).toBER());
}

export function extension(extnID: string, value: { toBER(): ArrayBuffer }, critical = false): pkijs.Extension {
  return new pkijs.Extension({ extnID, critical, extnValue: value.toBER() });
}

/** Bits of the first byte, from the most significant (RFC 5280 §4.2.1.3). */
export function keyUsage(bits: number): pkijs.Extension {
  const unusedBits = Math.clz32(bits & -bits) === 0 ? 0 : 31 - Math.clz32(bits & -bits);
  return extension(
    extensionIds.keyUsage,
    new asn1js.BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits }),
    true,
  );
}

export function basicConstraints(authority: { readonly below: number } | undefined): pkijs.Extension {
  const constraints = new pkijs.BasicConstraints(authority && { cA: true, pathLenConstraint: authority.below });
  return extension(extensionIds.basicConstraints, constraints.toSchema(), true);
}

/** DNS names, addresses and mail addresses, each told by its form. `undefined` where there is none. */
export function alternativeNames(names: readonly string[]): pkijs.Extension | undefined {
  const altNames = names.map((name) => {
    const address = addressBytes(name);
    if (address !== undefined)
      return new pkijs.GeneralName({
        type: nameForms.address,
        value: new asn1js.OctetString({ valueHex: Uint8Array.from(address).buffer }),
      });
    return new pkijs.GeneralName({ type: name.includes('@') ? nameForms.mailAddress : nameForms.dnsName, value: name });
  });
  return altNames.length === 0
    ? undefined
    : extension(extensionIds.subjectAltName, new pkijs.GeneralNames({ names: altNames }).toSchema());
}

export function purposesExtension(keyPurposes: readonly string[]): pkijs.Extension {
  return extension(extensionIds.extendedKeyUsage, new pkijs.ExtKeyUsage({ keyPurposes: [...keyPurposes] }).toSchema());
}

/** Where the issuer's revocation list is. */
export function distributionPoints(urls: readonly string[]): pkijs.Extension | undefined {
  if (urls.length === 0) return undefined;
  const distributionPoint = urls.map((value) => new pkijs.GeneralName({ type: nameForms.uri, value }));
  const points = new pkijs.CRLDistributionPoints({
    distributionPoints: [new pkijs.DistributionPoint({ distributionPoint })],
  });
  return extension(extensionIds.crlDistributionPoints, points.toSchema());
}

/** SHA-1 of the key, as RFC 5280 §4.2.1.2 suggests: an identifier, and no more. */
export function keyIdentifier({ subjectPublicKey }: pkijs.PublicKeyInfo): ArrayBuffer {
  return Uint8Array.from(createHash('sha1').update(subjectPublicKey.valueBlock.valueHexView).digest()).buffer;
}

export function subjectKeyIdentifier(key: pkijs.PublicKeyInfo): pkijs.Extension {
  return extension(extensionIds.subjectKeyIdentifier, new asn1js.OctetString({ valueHex: keyIdentifier(key) }));
}

/** The identifier that the issuer has in its own certificate, which need not be made as ours are. */
export function authorityKeyIdentifier(issuer: pkijs.Certificate): pkijs.Extension {
  const stated = issuer.extensions?.find(({ extnID }) => extnID === extensionIds.subjectKeyIdentifier)
    ?.parsedValue as unknown;
  const identifier =
    stated instanceof asn1js.OctetString
      ? Uint8Array.from(stated.valueBlock.valueHexView).buffer
      : keyIdentifier(issuer.subjectPublicKeyInfo);
  const value = new pkijs.AuthorityKeyIdentifier({ keyIdentifier: new asn1js.OctetString({ valueHex: identifier }) });
  return extension(extensionIds.authorityKeyIdentifier, value.toSchema());
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). Whole seconds. */
export function time(ms: number): pkijs.Time {
  const value = new Date(Math.floor(ms / 1000) * 1000);
  return new pkijs.Time({
    type: value.getUTCFullYear() < 2050 ? pkijs.TimeType.UTCTime : pkijs.TimeType.GeneralizedTime,
    value,
  });
}
