import * as pkijs from 'pkijs';
import { addressText } from '../x509/address.ts';
import { asciiOf, directoryNameOf, nameForms, octetsOf } from '../x509/alternative-names.ts';
import type { Certificate } from '../x509/certificate.ts';
import { attributeOf, distinguishedNameText, isBelow, type DistinguishedName } from '../x509/distinguished-name.ts';
import { extensionIds } from '../x509/extensions.ts';
import { MalformedError } from '../x509/malformed.ts';

/**
 * Name constraints (RFC 5280 §4.2.1.10): an authority may be confined to some names. pkijs checks them too, but is content where
 * one name of several is permitted; here each has to be.
 */

interface Name {
  readonly form: number;
  readonly text: string;
  /** Of a form that is not compared: any constraint on it is one that it might not meet. */
  readonly isUnread?: true;
  isWithin(base: unknown): boolean;
}

interface Constraints {
  readonly permitted: readonly pkijs.GeneralSubtree[];
  readonly excluded: readonly pkijs.GeneralSubtree[];
}

const mostSubtrees = 256;

/** What authorities may not have issued: a name of one of the certificates below `authority`. @throws MalformedError */
export function nameBeyond(authority: Certificate, below: readonly Certificate[]): string | undefined {
  const constraints = constraintsOf(authority);
  if (constraints === undefined) return undefined;
  for (const [place, certificate] of below.entries()) {
    // Its own new certificate is not bound by what binds those that it issues to others; the end of the chain is.
    if (place > 0 && isSelfIssued(certificate)) continue;
    const beyond = namesOf(certificate).find((name) => !isWithin(name, constraints));
    if (beyond !== undefined) return beyond.text;
  }
  return undefined;
}

export function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return subject.length === issuer.length && isBelow(subject, issuer);
}

function constraintsOf(authority: Certificate): Constraints | undefined {
  const found = authority.extensions.find(extensionIds.nameConstraints, pkijs.NameConstraints);
  if (found === undefined) return undefined;
  const constraints = { permitted: found.permittedSubtrees ?? [], excluded: found.excludedSubtrees ?? [] };
  const { permitted, excluded } = constraints;
  if (permitted.length + excluded.length > mostSubtrees) throw new MalformedError('it constrains too many names');
  return constraints;
}

function isWithin(name: Name, { permitted, excluded }: Constraints): boolean {
  const ofForm = (subtrees: readonly pkijs.GeneralSubtree[]): readonly unknown[] =>
    subtrees.filter(({ base }) => base.type === name.form).map(({ base }) => base.value as unknown);
  const [denied, allowed] = [ofForm(excluded), ofForm(permitted)];
  if (name.isUnread === true) return denied.length + allowed.length === 0;
  if (denied.some((base) => name.isWithin(base))) return false;
  return allowed.length === 0 || allowed.some((base) => name.isWithin(base));
}

function namesOf({ subject, names }: Certificate): readonly Name[] {
  // Mail addresses of the subject count where there are no alternative ones (RFC 5280 §4.2.1.10).
  const inSubject = names.mailAddresses.length === 0 ? attributeOf(subject, 'E') : undefined;
  const mailAddresses = inSubject === undefined ? names.mailAddresses : [inSubject];
  return [
    ...names.dnsNames.map((text) => ({
      form: nameForms.dnsName,
      text,
      isWithin: (base: unknown) => isWithinDomain(text, asciiOf(base)),
    })),
    ...mailAddresses.map((text) => ({
      form: nameForms.mailAddress,
      text,
      isWithin: (base: unknown) => isWithinMail(text, asciiOf(base)),
    })),
    ...names.addresses.map((address) => ({
      form: nameForms.address,
      text: addressText(address),
      isWithin: (base: unknown) => isWithinNetwork(address, octetsOf(base)),
    })),
    ...[subject, ...names.directoryNames].filter((name) => name.length > 0).map(directoryName),
    ...names.otherForms.map((form) => ({
      form,
      text: `a name of form ${form}`,
      isUnread: true as const,
      isWithin: () => false,
    })),
  ];
}

function directoryName(name: DistinguishedName): Name {
  return {
    form: nameForms.directoryName,
    text: distinguishedNameText(name),
    isWithin: (base) => isBelow(name, directoryNameOf(base)),
  };
}

/** `example.com` is itself and all below it; with a dot before it (which some write), all below it. */
function isWithinDomain(name: string, base: string): boolean {
  const [folded, domain] = [name.toLowerCase(), base.toLowerCase()];
  if (domain === '') return true;
  return domain.startsWith('.') ? folded.endsWith(domain) : folded === domain || folded.endsWith(`.${domain}`);
}

/** A whole address, all of a host, or (with a dot before it) all hosts of a domain. */
function isWithinMail(address: string, base: string): boolean {
  if (base.includes('@')) return address.toLowerCase() === base.toLowerCase();
  const host = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const domain = base.toLowerCase();
  return domain.startsWith('.') ? host.endsWith(domain) : domain === '' || host === domain;
}

/** The base is a network and its mask, one after the other. */
function isWithinNetwork(address: Uint8Array, base: Uint8Array): boolean {
  if (base.length !== 2 * address.length) return false;
  return address.every((byte, at) => ((byte ^ (base[at] ?? 0)) & (base[address.length + at] ?? 0)) === 0);
}
