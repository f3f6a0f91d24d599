import { readMsChapFailure, readMsChapSuccess } from '../../ppp/auth/chap.ts';
import { utf8 } from '../../wire/bytes.ts';
import { WireError } from '../../wire/error.ts';
import { prompt, serviceType } from '../numbers.ts';
import { readReplyPolicy, replyMessage } from '../policy/policy.ts';
import { readAttributes } from '../wire/attribute-codec.ts';
import type { AttributeValues } from '../wire/attributes.ts';
import { judgeAnswer } from '../wire/authenticators.ts';
import { codes, readPacket, type Packet } from '../wire/packet.ts';
import { failOver, release } from './exchanges.ts';
import { slotOf } from './slots.ts';
import type { SentExchange } from './state.ts';
import type { Turn } from './turn.ts';
import type { AuthenticationOutcome, AuthenticationRequest, Channel, ServerTrouble } from './types.ts';

const expectedCodes: Readonly<Record<Channel['purpose'], readonly number[]>> = {
  authentication: [codes.accessAccept, codes.accessReject, codes.accessChallenge],
  accounting: [codes.accountingResponse],
};

/**
 * Takes what came through a server's socket. Only an answer that the secret vouches for decides anything: whatever else
 * comes could be anybody's, and is remembered as a likely cause for the day nothing better comes.
 */
export function takeDatagram(turn: Turn, channel: Channel, datagram: Uint8Array): void {
  const { purpose, server: index, socket } = channel;
  const { name, secret } = turn.server(purpose, index);
  let packet: Packet;
  try {
    packet = readPacket(datagram);
  } catch (error) {
    return suspect(turn, channel, malformed(error));
  }
  const serial = turn.health(purpose, index).slots.get(slotOf(socket, packet.identifier));
  const exchange = serial === undefined ? undefined : turn.exchanges.get(serial);
  if (serial === undefined || exchange?.at !== 'sent') {
    return turn.log(`${name}: dropped an answer to nothing that is asked now`);
  }
  try {
    const flaw = judgeAnswer(turn.env.crypto, secret, exchange.authenticator, datagram);
    if (flaw === 'forged') return blame(turn, serial, exchange, { code: 'wrongSecret' });
    if (flaw === 'unsigned' && purpose === 'authentication') return blame(turn, serial, exchange, { code: 'unsigned' });
  } catch (error) {
    return blame(turn, serial, exchange, malformed(error));
  }
  turn.heard(purpose, index);
  if (!expectedCodes[purpose].includes(packet.code)) {
    return failOver(turn, serial, exchange, { code: 'malformed', what: `an answer of code ${packet.code}` });
  }
  if (exchange.job.purpose === 'accounting') {
    release(turn, serial, exchange);
    turn.emit({ kind: 'accounted', record: exchange.job.queued.record, server: name });
    return;
  }
  const outcome = readOutcome(packet, name, exchange.job.asked);
  if ('code' in outcome) return failOver(turn, serial, exchange, outcome);
  release(turn, serial, exchange);
  if (outcome.kind === 'accepted') for (const what of outcome.policy.unusable) turn.log(`${name}: cannot use ${what}`);
  turn.emit({ kind: 'outcome', request: exchange.job.request, outcome });
}

function blame(turn: Turn, serial: number, exchange: SentExchange, trouble: ServerTrouble): void {
  const { purpose, server } = exchange.channel;
  turn.log(`${turn.server(purpose, server).name}: dropped an answer: ${trouble.code}`);
  turn.exchanges.set(serial, { ...exchange, trouble });
}

function malformed(error: unknown): ServerTrouble {
  if (error instanceof WireError) return { code: 'malformed', what: error.message };
  throw error;
}

/** What is no RADIUS cannot tell which request it answers: it stands against all of that socket that heard nothing yet. */
function suspect(turn: Turn, channel: Channel, trouble: ServerTrouble): void {
  turn.log(`${turn.server(channel.purpose, channel.server).name}: dropped what is no RADIUS`);
  for (const [serial, exchange] of turn.exchanges) {
    if (exchange.at !== 'sent' || exchange.trouble !== undefined || !sameChannel(exchange.channel, channel)) continue;
    turn.exchanges.set(serial, { ...exchange, trouble });
  }
}

/** The system's word that a server's port is closed, or its network away: the next server at once, if there is one. */
export function takeSendFailure(turn: Turn, channel: Channel, code: 'refused' | 'unreachable'): void {
  turn.bury(channel.purpose, channel.server, { code });
  for (const [serial, exchange] of [...turn.exchanges]) {
    if (exchange.at !== 'sent' || !sameChannel(exchange.channel, channel)) continue;
    if (exchange.untried.length > 0) failOver(turn, serial, exchange, { code });
    else turn.exchanges.set(serial, { ...exchange, trouble: { code } });
  }
}

function sameChannel(a: Channel, b: Channel): boolean {
  return a.purpose === b.purpose && a.server === b.server && a.socket === b.socket;
}

/** What a genuine answer says, or why it says nothing (RFC 2865 §5). */
function readOutcome(
  packet: Packet,
  server: string,
  asked: AuthenticationRequest,
): AuthenticationOutcome | ServerTrouble {
  let values: AttributeValues;
  try {
    ({ values } = readAttributes(packet.attributes));
  } catch (error) {
    return malformed(error);
  }
  const message = replyMessage(values);
  if (packet.code === codes.accessReject) {
    const msChap = values.msChapError === undefined ? undefined : readMsChapFailure(utf8(values.msChapError.text));
    return { kind: 'rejected', server, message, msChap };
  }
  if (packet.code === codes.accessChallenge) {
    const { state, sessionTimeout } = values;
    if (state === undefined) return { code: 'malformed', what: 'a challenge without a State' };
    const echo = values.prompt !== prompt.noEcho;
    return { kind: 'challenged', server, state, message, echo, timeoutSeconds: sessionTimeout, eap: values.eapMessage };
  }
  // §5.6: an unsupported service is to be taken for a refusal.
  if (values.serviceType !== undefined && values.serviceType !== serviceType.framed) {
    return { kind: 'rejected', server, message, msChap: undefined, otherService: values.serviceType };
  }
  const { method } = asked.credentials;
  const needsProof = method === 'mschapv2' || method === 'mschapv2-change';
  const success = values.msChap2Success;
  const authenticatorResponse = success === undefined ? undefined : readMsChapSuccess(utf8(success.text))?.proof;
  if (needsProof && authenticatorResponse === undefined) {
    return { code: 'malformed', what: 'an acceptance of MS-CHAPv2 without its proof' };
  }
  return { kind: 'accepted', server, policy: readReplyPolicy(values), authenticatorResponse };
}
