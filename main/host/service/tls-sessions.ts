import { TlsChannel, type TlsSettings } from '../../engine/eap-tls/channel.ts';
import type { TlsOutput } from '../../protocol/ppp/index.ts';

/** The TLS of every session that signs in by EAP-TLS. */
export class TlsSessions {
  /** For who comes from now on. */
  settings: TlsSettings | undefined;
  readonly #give: (session: number, output: TlsOutput) => void;
  readonly #channels = new Map<number, TlsChannel>();

  constructor(settings: TlsSettings | undefined, give: (session: number, output: TlsOutput) => void) {
    this.settings = settings;
    this.#give = give;
  }

  hear(session: number, flight: Uint8Array): void {
    const channel = this.#channels.get(session) ?? this.#open(session);
    channel?.hear(flight);
  }

  /** After its sign-in, and when it is over without. */
  forget(session: number): void {
    this.#channels.get(session)?.close();
    this.#channels.delete(session);
  }

  close(): void {
    for (const session of [...this.#channels.keys()]) this.forget(session);
  }

  #open(session: number): TlsChannel | undefined {
    if (this.settings === undefined) {
      this.#give(session, {
        state: 'failed',
        by: 'us',
        bytes: new Uint8Array(),
        reason: 'the host has no certificate',
      });
      return undefined;
    }
    const channel = new TlsChannel(this.settings, (output) => {
      this.#give(session, output);
    });
    this.#channels.set(session, channel);
    return channel;
  }
}
