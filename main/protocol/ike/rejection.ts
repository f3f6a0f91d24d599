import { concat } from '../wire/bytes.ts';
import { failMainMode } from './establishment.ts';
import type { IkeKeys } from './keys.ts';
import { sendProtected } from './protected.ts';
import type { AwaitsFifth, AwaitsSixth } from './state.ts';
import type { Turn } from './turn.ts';
import type { IkeCause } from './types.ts';
import type { NotificationName, Payload } from './wire/index.ts';

type Rejection = Extract<IkeCause, { code: 'certificateRejected' | 'identityMismatch' }>;

/** Of the exchange, where there is one possibility. */
export function keysOf(mode: AwaitsFifth | AwaitsSixth): IkeKeys | undefined {
  return mode.awaits === 6 ? mode.keys : mode.candidates[0]?.keys;
}

/**
 * The peer is not who it should be, and hears so once, under the keys that are there. A responder that sent message 6 holds the
 * SA as established: it is taken back.
 */
export function reject(
  turn: Turn,
  mode: AwaitsFifth | AwaitsSixth,
  keys: IkeKeys,
  lastBlock: Uint8Array,
  cause: Rejection,
): void {
  const { cookies, path } = mode;
  const spi = mode.awaits === 6 ? concat(cookies.initiator, cookies.responder) : new Uint8Array();
  const said: Payload =
    mode.awaits === 6
      ? { kind: 'delete', protocol: 'isakmp', spis: [spi] }
      : { kind: 'notification', protocol: 'isakmp', spi, type: notificationOf(cause), data: new Uint8Array() };
  sendProtected(turn, path, { cookies, keys, lastBlock }, said);
  failMainMode(turn, mode, cause);
}

function notificationOf(cause: Rejection): NotificationName {
  return cause.code === 'identityMismatch' ? 'invalidIdInformation' : notificationFor[cause.reason];
}

/** RFC 2408 §3.14.1 */
const notificationFor: Readonly<
  Record<Extract<Rejection, { code: 'certificateRejected' }>['reason'], NotificationName>
> = {
  malformed: 'invalidCertificate',
  missing: 'certificateUnavailable',
  unknownAuthority: 'invalidCertAuthority',
  weak: 'certTypeUnsupported',
  notYetValid: 'invalidCertificate',
  expired: 'invalidCertificate',
  wrongUsage: 'invalidCertificate',
  wrongName: 'invalidIdInformation',
  wrongKey: 'certTypeUnsupported',
  revoked: 'invalidCertificate',
  revocationUnknown: 'authenticationFailed',
  badSignature: 'invalidSignature',
  timeout: 'authenticationFailed',
};
