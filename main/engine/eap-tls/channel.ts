import type { X509Certificate } from 'node:crypto';
import { checkServerIdentity, connect, createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import type { TlsOutput } from '../../protocol/ppp/index.ts';
import { describeTlsError } from './faults.ts';
import { Wire } from './wire.ts';

/** PEM, all of it. */
export interface TlsIdentity {
  /** Its own first, then what is between it and its authority. */
  readonly certificate: string;
  readonly key: string;
  /** Who signs the other side's certificate: nobody else is believed. */
  readonly authorities: string;
  /** TLS 1.3 where absent. */
  readonly newestVersion?: 'TLSv1.2' | 'TLSv1.3';
}

export type TlsSettings =
  | (TlsIdentity & { readonly role: 'client'; readonly serverName: string })
  | (TlsIdentity & { readonly role: 'server'; readonly revocation?: string });

/** Why TLS could not begin by these at all: a key that is not the certificate's, a file that holds something else. */
export function tlsFlaw({ certificate: cert, key, authorities: ca, ...rest }: TlsSettings): string | undefined {
  try {
    createSecureContext({ cert, key, ca, ...('revocation' in rest && { crl: rest.revocation }) });
    return undefined;
  } catch (error) {
    return describeTlsError(error);
  }
}

/** RFC 5216 §2.4: both sides show a certificate. RFC 9190 §2.5: in TLS 1.3 the server says by a zero that it is content. */
const oldestVersion = 'TLSv1.2';
const commitment = Buffer.of(0);
/** TLS answers what it hears within the turns of the event loop that this many are: there is nothing that it waits for. */
const settlingTurns = 6;

/** The TLS of one EAP-TLS conversation: Node's own, over a wire that EAP carries flight by flight. */
export class TlsChannel {
  readonly #wire: Wire;
  readonly #give: (output: TlsOutput) => void;
  readonly #server: Server | undefined;
  #socket: TLSSocket | undefined;
  #done: readonly string[] | undefined;
  #failed: { readonly by: 'us' | 'peer'; readonly reason: string } | undefined;
  #isAwaited = false;
  #settling: NodeJS.Immediate | undefined;

  /** `give` gets exactly one output for each flight that is heard. */
  constructor(settings: TlsSettings, give: (output: TlsOutput) => void) {
    this.#give = give;
    this.#wire = new Wire(() => {
      this.#settle();
    });
    const { certificate: cert, key, authorities: ca, newestVersion: maxVersion = 'TLSv1.3' } = settings;
    const common = { cert, key, ca, minVersion: oldestVersion, maxVersion } as const;
    try {
      if (settings.role === 'client') this.#socket = this.#connect(common, settings.serverName);
      else this.#server = this.#accept({ ...common, ...(settings.revocation && { crl: settings.revocation }) });
    } catch (error) {
      this.#fail('us', describeTlsError(error));
    }
  }

  /** What the other side says; nothing at the client's beginning. */
  hear(flight: Uint8Array): void {
    this.#isAwaited = true;
    if (flight.length > 0) this.#wire.hear(flight);
    this.#settle();
  }

  close(): void {
    clearImmediate(this.#settling);
    this.#isAwaited = false;
    this.#socket?.destroy();
    this.#wire.destroy();
    this.#server?.close();
  }

  #connect(identity: object, serverName: string): TLSSocket {
    const socket = connect({
      ...identity,
      socket: this.#wire,
      // Also where NODE_TLS_REJECT_UNAUTHORIZED is in the environment, for the sake of some other program.
      rejectUnauthorized: true,
      checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    });
    socket.once('secureConnect', () => {
      if (socket.getProtocol() !== 'TLSv1.3') this.#finish([]);
    });
    socket.on('data', (said: Buffer) => {
      if (commitment.equals(said)) this.#finish([]);
    });
    return this.#watch(socket);
  }

  #accept(identity: object): Server {
    const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: false });
    server.on('tlsClientError', (error: Error, socket) => {
      this.#watch(socket);
      this.#hearError(error);
    });
    server.on('secureConnection', (socket) => {
      this.#socket = this.#watch(socket);
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined) this.#fail('us', 'the client has no certificate');
      else if (!socket.authorized) this.#fail('us', describeTlsError({ code: String(socket.authorizationError) }));
      else {
        if (socket.getProtocol() === 'TLSv1.3') socket.write(commitment);
        this.#finish(namesOf(certificate));
      }
    });
    server.emit('connection', this.#wire);
    return server;
  }

  #watch(socket: TLSSocket): TLSSocket {
    socket.on('error', (error: Error) => {
      this.#hearError(error);
    });
    socket.on('close', () => {
      this.#fail('peer', 'it ended TLS');
    });
    return socket;
  }

  #hearError(error: Error & { readonly code?: string }): void {
    this.#fail(error.code?.includes('ALERT') === true ? 'peer' : 'us', describeTlsError(error));
  }

  #finish(names: readonly string[]): void {
    this.#done = names;
    this.#settle();
  }

  #fail(by: 'us' | 'peer', reason: string): void {
    this.#failed ??= { by, reason };
    this.#settle();
  }

  /** Anything that happens begins the wait anew. */
  #settle(turns = settlingTurns): void {
    clearImmediate(this.#settling);
    if (!this.#isAwaited) return;
    this.#settling = setImmediate(() => {
      if (turns > 0) this.#settle(turns - 1);
      else this.#deliver();
    });
  }

  #deliver(): void {
    this.#isAwaited = false;
    const bytes = this.#wire.takeSent();
    if (this.#failed !== undefined) this.#give({ state: 'failed', bytes, ...this.#failed });
    else if (this.#done !== undefined) this.#give({ state: 'done', bytes, names: this.#done });
    else this.#give({ state: 'handshaking', bytes });
  }
}

/** What a certificate calls its owner: the common name, and addresses of mail (RFC 5216 §5.2). */
function namesOf(certificate: X509Certificate): readonly string[] {
  const { subject, subjectaltname = '' } = certificate.toLegacyObject();
  const common = (subject as { readonly CN?: string | string[] } | undefined)?.CN ?? [];
  // Node puts quotation marks around names that would look like several: those are nobody's.
  const mail = subjectaltname
    .split(', ')
    .filter((name) => name.startsWith('email:') && !name.includes('"'))
    .map((name) => name.slice('email:'.length));
  return [...(typeof common === 'string' ? [common] : common), ...mail];
}
