import { type Protection, sealInformational } from './envelope.ts';
import type { IsakmpSa, Path } from './state.ts';
import { type Turn, freshMessageId, send, takeMessageId } from './turn.ts';
import { type NotificationName, type Payload } from './wire/index.ts';
import { concat } from '../wire/bytes.ts';
import { spiBytes } from './proposals.ts';

/** Informational exchanges: one payload each, since peers read no more (RFC 2409 §5.7). Here before the SA stands. */
export function sendProtected(turn: Turn, path: Path, protection: Protection, payload: Payload): void {
  send(turn, path, sealInformational(turn.env.crypto, protection, freshMessageId(turn), payload));
}

export function sendOnSa(turn: Turn, sa: IsakmpSa, payload: Payload): void {
  const message = sealInformational(turn.env.crypto, sa, takeMessageId(turn, sa), payload);
  send(turn, sa.path, message, sa.features.fragmentation);
}

export function isakmpNotification(
  { cookies }: Pick<IsakmpSa, 'cookies'>,
  type: NotificationName,
  data: Uint8Array = new Uint8Array(),
): Payload {
  return { kind: 'notification', protocol: 'isakmp', spi: concat(cookies.initiator, cookies.responder), type, data };
}

export function espNotification(spi: number, type: NotificationName, data: Uint8Array = new Uint8Array()): Payload {
  return { kind: 'notification', protocol: 'esp', spi: spiBytes(spi), type, data };
}

/** We receive no more by this SPI of ours (RFC 2408 §3.15). */
export function deleteOfChild(inboundSpi: number): Payload {
  return { kind: 'delete', protocol: 'esp', spis: [spiBytes(inboundSpi)] };
}

export function deleteOfSa({ cookies }: Pick<IsakmpSa, 'cookies'>): Payload {
  return { kind: 'delete', protocol: 'isakmp', spis: [concat(cookies.initiator, cookies.responder)] };
}
