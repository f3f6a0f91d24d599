import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import { createIke, type IkeConfig, type IkeEffect, type IkeState, stepIke } from '../../../main/protocol/ike/index.ts';
import { decodePacket, encodeMessage, encodePacket } from '../../../main/protocol/ike/wire/index.ts';
import { concat } from '../../../main/protocol/wire/bytes.ts';
import { initiatorConfig } from './support.ts';

/** Somebody who dials and knows no key. */
export class Stranger {
  readonly #crypto: CryptoPort;
  #state: IkeState;

  constructor(crypto: CryptoPort, changes: Partial<IkeConfig> = {}) {
    this.#crypto = crypto;
    this.#state = createIke({ ...initiatorConfig, ...changes });
  }

  first(nowMs: number): Uint8Array {
    return this.#step({ kind: 'start' }, nowMs)[0] ?? new Uint8Array();
  }

  /** Answers message 2 as it should. */
  answer(bytes: Uint8Array, nowMs: number): readonly Uint8Array[] {
    return this.#step({ kind: 'datagram', port: 'ike', remote: initiatorConfig.remote, bytes }, nowMs);
  }

  #step(input: Parameters<typeof stepIke>[1], nowMs: number): readonly Uint8Array[] {
    const { state, effects } = stepIke(this.#state, input, { nowMs, crypto: this.#crypto });
    this.#state = state;
    return effects.flatMap((effect: IkeEffect) => (effect.kind === 'send' ? [effect.bytes] : []));
  }
}

/** What anybody can make of a message that was seen: its cookies, and any payload in the clear or as noise. */
export function forgeries(bytes: Uint8Array, crypto: CryptoPort): readonly Uint8Array[] {
  const { header } = decodePacket(bytes);
  const spi = concat(header.initiatorCookie, header.responderCookie);
  const informational = { ...header, exchange: 'informational', messageId: 99, encrypted: false } as const;
  return [
    encodeMessage(informational, [{ kind: 'delete', protocol: 'isakmp', spis: [spi] }]),
    encodeMessage(informational, [
      { kind: 'notification', protocol: 'isakmp', spi, type: 'initialContact', data: new Uint8Array() },
    ]),
    encodePacket({ header: { ...informational, encrypted: true }, firstPayload: 8, body: crypto.random(64) }),
    encodePacket({ header: { ...header, encrypted: true, messageId: 4711 }, firstPayload: 8, body: crypto.random(96) }),
  ];
}
