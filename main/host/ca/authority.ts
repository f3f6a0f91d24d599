import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import {
  issueCertificate,
  kindOf,
  newPrivateKey,
  type Issuer,
  type KeyKind,
  type Subject,
} from '../../certificates/issue/index.ts';
import { certificateFacts, pemText, type OwnCertificate } from '../../certificates/index.ts';
import type { AuditEvent } from '../../contracts/audit.ts';
import type { CertificateSummary } from '../../contracts/certificates.ts';
import type { IssuedCertificate } from '../../contracts/host-ca.ts';
import { Secret } from '../../contracts/secret.ts';
import { dayMs } from '../../contracts/time.ts';
import { readGuarded, writeDurably } from '../../files/durable.ts';
import type { SealedFailure } from '../../files/sealed-document.ts';
import { issuerOf, openAuthorityDocument, publishedFiles, type AuthorityDocument } from './document.ts';
import { isCurrent, withoutForgotten } from './issued.ts';
import { writeList } from './publish.ts';

/** Why the authority did not do what it was asked. */
export type AuthorityFailure =
  SealedFailure | 'none' | 'exists' | 'notAuthority' | 'unknown' | 'notRenewable' | 'full' | 'legacyNeedsRsa';
export type AuthorityResult<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: AuthorityFailure };

export interface NewAuthority {
  readonly organization: string | undefined;
  readonly commonName: string;
  readonly key: KeyKind;
  readonly years: number;
}

/** Where nobody says otherwise. */
export const newAuthority = { commonName: 'Culvert VPN CA', years: 10 };

export interface NewClient {
  readonly user: string;
  readonly device: string | undefined;
  readonly days: number;
}

/** A client's certificate with its key, which is kept nowhere else. */
export interface ClientCertificate {
  readonly issued: IssuedCertificate;
  /** DER: its own, then the authority. */
  readonly chain: readonly Uint8Array[];
  /** PKCS#8. */
  readonly key: Secret;
}

export interface AuthorityState {
  readonly authority: CertificateSummary;
  readonly issued: readonly IssuedCertificate[];
}

/** What is issued may begin so long ago, for clocks that are behind. */
const backdatedMs = 3600_000;
/** What macOS and iOS accept of an authority that a user installed is 825 days. */
const serverDays = 730;
const mostIssued = 20_000;

/**
 * The host's own certificate authority, on its files: any process may work on them, one at a time. Throws on system errors only.
 *
 * @param urls  where its revocation list can be fetched, for the certificates that are issued
 */
export function openCertificateAuthority(folder: string, urls: readonly string[]) {
  const document = openAuthorityDocument(folder);
  const files = publishedFiles(folder);

  type Change<Answer> = (
    before: AuthorityDocument,
  ) => Promise<{ readonly after?: AuthorityDocument; readonly answer: AuthorityResult<Answer> }>;

  const change = async <Answer>(apply: Change<Answer>): Promise<AuthorityResult<Answer>> => {
    const edited = await document.edit<AuthorityResult<Answer>>(async (before) =>
      before === undefined ? { answer: fail('none') } : apply(before),
    );
    return edited.ok ? edited.value : edited;
  };

  const begin = async (
    authority: AuthorityDocument['authority'],
    events: readonly AuditEvent[],
  ): Promise<AuthorityResult<CertificateSummary>> => {
    const edited = await document.edit<AuthorityResult<CertificateSummary>>(async (before) => {
      if (before !== undefined) return { answer: fail('exists') };
      const after = await writeList(
        { authority, listNumber: 0, issued: [], unrecorded: [...events] },
        files.list,
        Date.now(),
      );
      writeDurably(files.authority, pemChain([authority.certificate, ...authority.chain]));
      return { after, answer: { ok: true, value: certificateFacts(bytes(authority.certificate)) } };
    });
    return edited.ok ? edited.value : edited;
  };

  const issueServer = async (
    before: AuthorityDocument,
    names: readonly string[],
    key: KeyObject,
  ): ReturnType<Change<IssuedCertificate>> => {
    const [commonName = ''] = names;
    const { entry, certificate } = await issue(before, {
      use: 'server',
      subject: { commonName },
      names,
      key,
      days: serverDays,
      urls,
    });
    writeDurably(files.serverKey, String(key.export({ type: 'pkcs8', format: 'pem' })));
    writeDurably(files.server, pemChain([certificate, before.authority.certificate, ...before.authority.chain]));
    return { after: withIssued(before, entry), answer: { ok: true, value: entry } };
  };

  return {
    files,

    /** Makes an authority of the host's own. Its certificate and an empty list are written. */
    create: async ({
      organization,
      commonName,
      key: kind,
      years,
    }: NewAuthority): Promise<AuthorityResult<CertificateSummary>> => {
      const key = await newPrivateKey(kind, 3072);
      const subject: Subject = { commonName, ...(organization !== undefined && { organization }) };
      const certificate = await selfSigned(subject, key, years);
      const authority = {
        certificate: base64(certificate),
        chain: [],
        privateKey: privateKeyText(key),
        subject: { ...subject },
      };
      return begin(authority, [authorityIssued(certificate)]);
    },

    /** Takes an authority that there is already. */
    adopt: (own: OwnCertificate): Promise<AuthorityResult<CertificateSummary>> => {
      const [certificate, ...chain] = own.chain;
      if (certificate === undefined || !own.summary.isAuthority) return Promise.resolve(fail('notAuthority'));
      const privateKey = privateKeyText(own.key);
      return begin({ certificate: base64(certificate), chain: chain.map(base64), privateKey }, []);
    },

    /** `none` where there is no authority. */
    state: async (): Promise<AuthorityResult<AuthorityState>> => {
      const read = await document.read();
      if (!read.ok) return read;
      if (read.value === undefined) return fail('none');
      const { authority, issued } = read.value;
      return {
        ok: true,
        value: { authority: certificateFacts(bytes(authority.certificate)), issued: issued },
      };
    },

    /** Issues and writes the certificate that clients know the host by. Its key stays the same, where there is one of the kind. */
    server: (names: readonly string[]): Promise<AuthorityResult<IssuedCertificate>> =>
      change(async (before) => {
        const key =
          keptServerKey(files.serverKey, issuerOf(before)) ?? (await newPrivateKey(kindOf(issuerOf(before).key)));
        return issueServer(before, names, key);
      }),

    /** The server's certificate anew, for the same names and with the same key. */
    renewServer: (): Promise<AuthorityResult<IssuedCertificate>> =>
      change(async (before) => {
        const last = before.issued.filter(({ use, revokedAt }) => use === 'server' && revokedAt === undefined).at(-1);
        const key = keptServerKey(files.serverKey, issuerOf(before));
        if (last === undefined || key === undefined) return { answer: fail('unknown') };
        return issueServer(before, last.names, key);
      }),

    /** The authority's own certificate anew, with the same key: what it issued stays good. Clients need the new one before the old one ends. */
    renewAuthority: (years: number): Promise<AuthorityResult<CertificateSummary>> =>
      change(async (before) => {
        const { subject } = before.authority;
        if (subject === undefined) return { answer: fail('notRenewable') };
        const certificate = await selfSigned(subject, issuerOf(before).key, years);
        const authority = { ...before.authority, certificate: base64(certificate) };
        writeDurably(files.authority, pemChain([authority.certificate]));
        const unrecorded = [...before.unrecorded, authorityIssued(certificate)];
        return {
          after: { ...before, authority, unrecorded },
          answer: { ok: true, value: certificateFacts(certificate) },
        };
      }),

    client: ({ user, device, days }: NewClient): Promise<AuthorityResult<ClientCertificate>> =>
      change(async (before) => {
        if (before.issued.length >= mostIssued) return { answer: fail('full') };
        const key = await newPrivateKey(kindOf(issuerOf(before).key));
        const subject: Subject = { commonName: user, ...(device !== undefined && { unit: device }) };
        // A name of a host in it would let a client pass for the gateway.
        const names = /^[\x21-\x7e]+@[A-Za-z0-9.-]+$/.test(user) ? [user] : [];
        const { entry, certificate } = await issue(before, {
          use: 'client',
          subject,
          names,
          key: createPublicKey(key),
          days,
          urls,
        });
        const named = { ...entry, user, ...(device !== undefined && { device }) };
        const chain = [certificate, before.authority.certificate, ...before.authority.chain].map(bytes);
        const pkcs8 = new Secret(new Uint8Array(key.export({ type: 'pkcs8', format: 'der' })));
        return {
          after: withIssued(before, named),
          answer: { ok: true, value: { issued: named, chain, key: pkcs8 } },
        };
      }),

    /** Revokes and writes the list. A running host has to read it again. @returns what was revoked: nothing, where all was before */
    revoke: (
      which: { readonly serial: string } | { readonly user: string },
    ): Promise<AuthorityResult<readonly IssuedCertificate[]>> =>
      change(async (before) => {
        const nowMs = Date.now();
        const isMeant = (one: IssuedCertificate): boolean =>
          'serial' in which ? one.serial === which.serial : one.user === which.user;
        if (!before.issued.some(isMeant)) return { answer: fail('unknown') };
        const meant = before.issued.filter((one) => isMeant(one) && isCurrent(one, nowMs));
        const revokedAt = new Date(nowMs).toISOString();
        const issued = before.issued.map((one) => (meant.includes(one) ? { ...one, revokedAt } : one));
        const unrecorded = [...before.unrecorded, ...meant.map((one) => eventOf('certificateRevoked', one))];
        const after = await writeList({ ...before, issued, unrecorded }, files.list, nowMs);
        return { after, answer: { ok: true, value: meant } };
      }),

    /** The revocation list anew, before the last one is too old. */
    list: (): Promise<AuthorityResult<undefined>> =>
      change(async (before) => ({
        after: await writeList(before, files.list, Date.now()),
        answer: { ok: true, value: undefined },
      })),

    /** Hands over what the audit log has not got. */
    record: (write: (event: AuditEvent) => void): Promise<AuthorityResult<undefined>> =>
      change(async (before) => {
        before.unrecorded.forEach(write);
        const answer = { ok: true, value: undefined } as const;
        return Promise.resolve(
          before.unrecorded.length === 0 ? { answer } : { after: { ...before, unrecorded: [] }, answer },
        );
      }),
  };
}

export type CertificateAuthority = ReturnType<typeof openCertificateAuthority>;

interface IssueOrder {
  readonly use: 'server' | 'client';
  readonly subject: Subject;
  readonly names: readonly string[];
  readonly key: KeyObject;
  readonly days: number;
  readonly urls: readonly string[];
}

async function issue(document: AuthorityDocument, { use, subject, names, key, days, urls }: IssueOrder) {
  const issuer = issuerOf(document);
  const nowMs = Date.now();
  // Nothing outlives its authority.
  const notAfterMs = Math.min(nowMs + days * dayMs, Date.parse(certificateFacts(issuer.certificate).notAfter));
  const notBeforeMs = nowMs - backdatedMs;
  const certificate = await issueCertificate({
    use,
    subject,
    names,
    key,
    issuer,
    notBeforeMs,
    notAfterMs,
    distributionPoints: urls,
  });
  const { serial, notBefore, notAfter } = certificateFacts(certificate);
  const entry: IssuedCertificate = { serial, use, names: [...names], notBefore, notAfter };
  return { entry, certificate: base64(certificate) };
}

function selfSigned(subject: Subject, key: KeyObject, years: number): Promise<Uint8Array> {
  const nowMs = Date.now();
  const times = { notBeforeMs: nowMs - backdatedMs, notAfterMs: nowMs + years * 365 * dayMs };
  return issueCertificate({ use: 'authority', subject, names: [], key, distributionPoints: [], ...times });
}

/** The key that the server had, unless it is of another kind than the authority's. */
function keptServerKey(file: string, { key: authorityKey }: Issuer): KeyObject | undefined {
  const stored = readGuarded(file);
  if (stored === undefined || stored.exposure !== undefined) return undefined;
  try {
    const key = createPrivateKey(stored.bytes);
    return kindOf(key) === kindOf(authorityKey) ? key : undefined;
  } catch {
    return undefined;
  }
}

function withIssued(document: AuthorityDocument, entry: IssuedCertificate): AuthorityDocument {
  const unrecorded = [...document.unrecorded, eventOf('certificateIssued', entry)];
  return {
    ...document,
    issued: [...withoutForgotten(document.issued, Date.now()), entry],
    unrecorded,
  };
}

function eventOf(kind: 'certificateIssued' | 'certificateRevoked', one: IssuedCertificate): AuditEvent {
  const { use, serial, user, notAfter } = one;
  return { kind, use, serial, expiresAt: notAfter, ...(user !== undefined && { user }) };
}

function authorityIssued(certificate: Uint8Array): AuditEvent {
  const { serial, notAfter } = certificateFacts(certificate);
  return { kind: 'certificateIssued', use: 'authority', serial, expiresAt: notAfter };
}

function privateKeyText(key: KeyObject): string {
  return base64(key.export({ type: 'pkcs8', format: 'der' }));
}

function pemChain(chain: readonly string[]): string {
  return chain.map((one) => pemText('CERTIFICATE', bytes(one))).join('');
}

const base64 = (content: Uint8Array): string => Buffer.from(content).toString('base64');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

function fail(reason: AuthorityFailure): { readonly ok: false; readonly reason: AuthorityFailure } {
  return { ok: false, reason };
}
