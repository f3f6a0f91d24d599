import { ownCertificateFor, proofHash } from './authentication.ts';
import { identification } from './identity.ts';
import { type AuthenticatedExchange, type IkeKeys, authenticationHash } from './keys.ts';
import { localIdentity } from './main-mode-parts.ts';
import type { Turn } from './turn.ts';
import type { IkeAuthentication, IkeProposal, IkeRole } from './types.ts';
import { type Payload, encodeBody } from './wire/index.ts';

interface Proving extends Omit<AuthenticatedExchange, 'identity'> {
  readonly role: IkeRole;
  readonly suite: IkeProposal;
  readonly authentication: IkeAuthentication;
}

/** What message 5 or 6 says of this end: who it is and what proves it, a hash or a signature of one (RFC 2409 §5.1, §5.4). */
export function ownProof(turn: Turn, mode: Proving, keys: IkeKeys): Payload[] {
  const { crypto } = turn.env;
  const { config } = turn.state;
  const own = ownCertificateFor(config, mode.authentication);
  const local = own === undefined ? localIdentity(config) : identification(own.identity);
  const exchange = { ...mode, identity: encodeBody(local) };
  const hash = authenticationHash(crypto, keys, proofHash(mode), mode.role, exchange);
  if (own === undefined) return [local, { kind: 'hash', data: hash }];
  const certificates = own.chain.map((data): Payload => ({ kind: 'certificate', encoding: 'x509Signature', data }));
  return [local, ...certificates, { kind: 'signature', data: crypto.sign(own.key, hash) }];
}
