import { encode } from '../../wire/codec.ts';
import { tryDecode, type Packet } from '../../ppp/packet.ts';
import type { TlsOutput } from '../../ppp/types.ts';
import { eapCodes, eapTypes, message } from '../wire/message.ts';
import { nextFragment, nothingTransferred, receiveFragment, TlsFragment } from '../wire/tls-fragments.ts';
import { answer, drop, fail, stay, type EapPeer, type PeerContext, type PeerMethod, type PeerStep } from './state.ts';

type Tls = Extract<PeerMethod, { name: 'eap-tls' }>;

/** EAP's own header, a type, flags and a length, within the MRU. */
export const tlsOverheadBytes = 10;

/** RFC 5216 §2.1, §3; RFC 9190 §2.1: the peer's side. TLS itself is outside. */
export function receiveTls(
  state: EapPeer,
  method: Tls | undefined,
  request: Packet,
  data: Uint8Array,
  context: PeerContext,
): PeerStep {
  // The server's word that it waits for our next fragment may have no flags at all.
  const fragment = tryDecode(TlsFragment, data.length === 0 ? Uint8Array.of(0) : data);
  if (fragment === undefined) return drop(state, 'a malformed fragment of EAP-TLS');
  if (fragment.start) {
    if (method !== undefined) return drop(state, 'EAP-TLS begins again in the middle');
    const begun: Tls = { name: 'eap-tls', at: 'handshaking', transfer: nothingTransferred };
    return awaitTls({ ...state, method: begun }, request, new Uint8Array(), context);
  }
  if (method === undefined) return drop(state, 'EAP-TLS without a beginning');
  if (method.transfer.unsent.length > 0) return sendFragment(state, method, request, false, context);
  const received = receiveFragment(method.transfer, fragment);
  switch (received.kind) {
    case 'tooLong':
      return drop(state, 'a flight of TLS without an end');
    case 'part':
      return sendFragment(state, { ...method, transfer: received.transfer }, request, false, context);
    case 'whole': {
      const next: Tls = { ...method, transfer: received.transfer };
      // Nothing to hear: the failure that it already knows of is to be said back.
      if (received.flight.length === 0) return sendFragment(state, next, request, false, context);
      return awaitTls({ ...state, method: next }, request, received.flight, context);
    }
  }
}

function awaitTls(state: EapPeer, request: Packet, flight: Uint8Array, { config, env }: PeerContext): PeerStep {
  const deadlineMs = env.nowMs + config.authenticationTimeoutMs;
  return stay({ ...state, pending: { by: 'tls', request, text: '' }, deadlineMs }, { kind: 'tls', flight });
}

export function takeTlsOutput(state: EapPeer, output: TlsOutput, context: PeerContext): PeerStep {
  const { method, pending } = state;
  if (method?.name !== 'eap-tls' || pending?.by !== 'tls') return stay(state);
  // Whoever is not trusted is told nothing more: what TLS has left to say could be the end of its handshake.
  if (output.state === 'failed' && output.by === 'us') {
    return fail(state, { code: 'tlsFailed', by: 'us', reason: output.reason });
  }
  const transfer = { ...method.transfer, unsent: output.bytes };
  return sendFragment(state, afterOutput(output, transfer), pending.request, true, context);
}

function afterOutput(output: TlsOutput, transfer: Tls['transfer']): Tls {
  if (output.state !== 'failed') return { name: 'eap-tls', at: output.state, transfer };
  const { by, reason } = output;
  return { name: 'eap-tls', at: 'failed', transfer, cause: { code: 'tlsFailed', by, reason } };
}

function sendFragment(state: EapPeer, method: Tls, request: Packet, isFirst: boolean, context: PeerContext): PeerStep {
  const { fragment, transfer } = nextFragment(method.transfer, context.config.mruBytes - tlsOverheadBytes, isFirst);
  const response = message(eapCodes.response, request.identifier, eapTypes.tls, encode(TlsFragment, fragment));
  return answer({ ...state, method: { ...method, transfer } }, request, response, context, { mayTake: 'long' });
}
