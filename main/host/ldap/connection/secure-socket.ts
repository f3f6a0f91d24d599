import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { concat } from '../../../protocol/wire/bytes.ts';
import { LdapProblem } from '../problem.ts';
import { startTlsCode } from './answers.ts';
import { messageLength } from './ber.ts';
import type { LdapServer } from './server.ts';

export interface SecureSocketOptions {
  /** PEM; absent: the system's. */
  readonly ca?: string;
  /** For each step: the connection, StartTLS's answer, the handshake. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects to a server whose certificate was checked, with its host name. ldapts sees no byte from before that, since
 * anybody could have sent it.
 *
 * @throws LdapProblem  unless `signal` was aborted
 */
export async function openSecureSocket(server: LdapServer, options: SecureSocketOptions): Promise<TLSSocket> {
  const { host, port, tls } = server;
  const socket = connect({ host, port, noDelay: true });
  // Under TLS, what happens to it is told by TLS.
  socket.on('error', () => undefined);
  const steps = { ...options, socket };
  await step(steps, once(socket, 'connect'), 'noConnection');
  if (tls === 'startTls') await step(steps, startTls(socket), 'connectionLost');
  const secured = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
  await step({ ...options, socket: secured }, once(secured, 'secureConnect'), 'tlsFailed');
  return secured;
}

interface Step {
  readonly socket: Socket;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Waits for what `done` brings; in every other case the socket is no more. */
async function step(
  { socket, timeoutMs, signal }: Step,
  done: Promise<unknown>,
  otherwise: LdapProblem['trouble'],
): Promise<void> {
  const stop = (): void => {
    socket.destroy(new LdapProblem('connectionLost', 'given up'));
  };
  const timer = setTimeout(() => {
    socket.destroy(new LdapProblem('noAnswer', `no answer within ${timeoutMs / 1000} s`));
  }, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await done;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw problemOf(error, otherwise);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

const startTlsMessageId = 1;
const startTlsOid = '1.3.6.1.4.1.1466.20037';
/** LDAPMessage { messageID 1, extendedReq { requestName } } (RFC 4511 §4.12). */
const startTlsRequest = Buffer.concat([
  Buffer.from([0x30, startTlsOid.length + 7, 0x02, 0x01, startTlsMessageId, 0x77, startTlsOid.length + 2]),
  Buffer.from([0x80, startTlsOid.length]),
  Buffer.from(startTlsOid, 'latin1'),
]);
const longestStartTlsAnswer = 4096;

/** Asks for TLS. What comes beside the answer would be taken for the server's after the handshake: it is refused. */
function startTls(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Uint8Array = new Uint8Array();
    const end = (problem?: LdapProblem): void => {
      socket.off('data', take).off('close', closed).off('error', reject).pause();
      if (problem === undefined) resolve();
      else reject(problem);
    };
    const closed = (): void => {
      end(new LdapProblem('connectionLost', 'the server closed the connection before TLS'));
    };
    const take = (bytes: Uint8Array): void => {
      received = concat(received, bytes);
      const length = messageLength(received);
      const isWhole = received.length === length;
      if (!isWhole && length !== 'malformed' && received.length < Math.min(length ?? Infinity, longestStartTlsAnswer)) {
        return;
      }
      const code = isWhole ? startTlsCode(received, startTlsMessageId) : undefined;
      if (code === 0) end();
      else if (code === undefined) end(new LdapProblem('malformed', 'the answer to StartTLS is none of LDAP'));
      else end(new LdapProblem('tlsRefused', `StartTLS was refused with code ${code}`));
    };
    socket.on('data', take).once('close', closed).once('error', reject);
    socket.write(startTlsRequest);
  });
}

/** OpenSSL's names of what is wrong with a chain, as Node gives them, where they do not begin with `CERT_`. */
const chainErrors: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

function problemOf(error: unknown, otherwise: LdapProblem['trouble']): LdapProblem {
  if (error instanceof LdapProblem) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  // Several addresses that were tried have no message in common.
  const detail = message === '' ? code : message;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return new LdapProblem('wrongHostName', detail);
  const isChain = code.startsWith('CERT_') || chainErrors.has(code);
  return new LdapProblem(isChain ? 'untrustedCertificate' : otherwise, detail);
}
