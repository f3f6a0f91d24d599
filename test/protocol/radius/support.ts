import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import { verifyPassword, type VerifyRequest } from '../../../main/protocol/ppp/index.ts';
import { generateNtResponse } from '../../../main/protocol/ppp/auth/mschapv2.ts';
import { chapMd5Response } from '../../../main/protocol/ppp/auth/verify.ts';
import {
  createRadius,
  radiusDeadlineMs,
  radiusDefaults,
  stepRadius,
  type AccountedSession,
  type AuthenticationOutcome,
  type Channel,
  type Purpose,
  type RadiusConfig,
  type RadiusEffect,
  type RadiusInput,
  type RadiusServer,
  type RadiusState,
} from '../../../main/protocol/radius/index.ts';
import { readAttributes } from '../../../main/protocol/radius/wire/attribute-codec.ts';
import type { AttributeValues } from '../../../main/protocol/radius/wire/attributes.ts';
import {
  judgeAccessRequest,
  judgeDigestedRequest,
  writeAnswer,
} from '../../../main/protocol/radius/wire/authenticators.ts';
import { codes, readPacket, type Packet } from '../../../main/protocol/radius/wire/packet.ts';
import { revealPassword } from '../../../main/protocol/radius/wire/password.ts';
import { concat, latin1, utf8 } from '../../../main/protocol/wire/bytes.ts';
import type { WireEnd } from '../../support/lossy-wire.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';

export const secret = latin1('radsecret');
export const firstUnixSeconds = 1_800_000_000;

export function server(name: string, changes: Partial<RadiusServer> = {}): RadiusServer {
  return { name, address: '192.0.2.1', port: 1812, secret, ...changes };
}

export function config(changes: Partial<RadiusConfig> = {}): RadiusConfig {
  return {
    ...radiusDefaults,
    servers: { authentication: [server('one'), server('two')], accounting: [server('books')] },
    nas: { identifier: 'gateway.test', address: '203.0.113.1' },
    ...changes,
  };
}

export const session = { sessionId: '4711', nasPort: 3, callingStationId: '198.51.100.7' };

export function accounted(changes: Partial<AccountedSession> = {}): AccountedSession {
  return { ...session, userName: 'alice', authentic: 'radius', class: [latin1('c1')], ...changes };
}

/** What a peer with this password shows, by method. */
export function credentials(
  method: 'pap' | 'chap-md5' | 'mschapv2',
  password: string,
  userName = 'alice',
  crypto: CryptoPort = seededCrypto(99),
): VerifyRequest {
  if (method === 'pap') return { method, userName, password: utf8(password) };
  const identifier = 5;
  const challenge = crypto.random(16);
  if (method === 'chap-md5') {
    return {
      method,
      userName,
      identifier,
      challenge,
      response: chapMd5Response(crypto, identifier, password, challenge),
    };
  }
  const challenges = { authenticatorChallenge: challenge, peerChallenge: crypto.random(16), userName };
  return { method, identifier, ...challenges, ntResponse: generateNtResponse(crypto, challenges, password) };
}

export type EffectOf<K extends RadiusEffect['kind']> = Extract<RadiusEffect, { kind: K }>;

/** One machine with its effects kept. On a lossy wire each datagram is behind the three bytes of its channel. */
export class Client implements WireEnd {
  state: RadiusState;
  nowMs = 0;
  readonly effects: RadiusEffect[] = [];
  readonly #crypto: CryptoPort;
  readonly #opening: readonly RadiusInput[];

  constructor(radius: RadiusConfig = config(), opening: readonly RadiusInput[] = [], seed = 1) {
    this.state = createRadius(radius);
    this.#crypto = seededCrypto(seed);
    this.#opening = opening;
  }

  give(input: RadiusInput, nowMs = this.nowMs): EffectOf<'send'>[] {
    this.nowMs = nowMs;
    const unixSeconds = firstUnixSeconds + nowMs / 1000;
    const { state, effects } = stepRadius(this.state, input, { nowMs, unixSeconds, crypto: this.#crypto });
    this.state = state;
    this.effects.push(...effects);
    return effects.filter((effect) => effect.kind === 'send');
  }

  authenticate(request: number, shown: VerifyRequest = credentials('pap', 'alice-pass')): EffectOf<'send'>[] {
    return this.give({ kind: 'authenticate', request, credentials: shown, session });
  }

  /** Lets time pass to the next deadline. */
  wait(): EffectOf<'send'>[] {
    const dueMs = radiusDeadlineMs(this.state);
    if (dueMs === undefined) throw new Error('nothing is due');
    return this.give({ kind: 'tick' }, dueMs);
  }

  all<K extends RadiusEffect['kind']>(kind: K): EffectOf<K>[] {
    return this.effects.filter((effect): effect is EffectOf<K> => effect.kind === kind);
  }

  outcomes(): Map<number, AuthenticationOutcome> {
    return new Map(this.all('outcome').map(({ request, outcome }) => [request, outcome]));
  }

  outcome(request = 1): AuthenticationOutcome {
    const found = this.outcomes().get(request);
    if (found === undefined) throw new Error(`request ${request} has no outcome`);
    return found;
  }

  start(nowMs: number): Uint8Array[] {
    return this.#opening.flatMap((input) => tagged(this.give(input, nowMs)));
  }

  receive(datagram: Uint8Array, nowMs: number): Uint8Array[] {
    const [purpose, index = 0, socket = 0] = datagram;
    const channel: Channel = { purpose: purposes[purpose ?? 9] ?? 'accounting', server: index, socket };
    if (this.state.config.servers[channel.purpose][index] === undefined) return [];
    return tagged(this.give({ kind: 'datagram', channel, bytes: datagram.subarray(3) }, nowMs));
  }

  tick(nowMs: number): Uint8Array[] {
    return tagged(this.give({ kind: 'tick' }, nowMs));
  }

  deadlineMs(): number | undefined {
    return radiusDeadlineMs(this.state);
  }
}

const purposes: readonly Purpose[] = ['authentication', 'accounting'];

function tagged(sends: readonly EffectOf<'send'>[]): Uint8Array[] {
  return sends.map(({ channel, bytes }) =>
    concat(Uint8Array.of(purposes.indexOf(channel.purpose), channel.server, channel.socket), bytes),
  );
}

export interface Reply {
  readonly code: number;
  readonly values: AttributeValues;
}

/** A server in memory: what it is told of users, and every request that it took. */
export class MemoryServer {
  readonly requests: { readonly packet: Packet; readonly values: AttributeValues }[] = [];
  readonly secret: Uint8Array;
  readonly crypto = seededCrypto(7);
  /** What an accepted user is told besides. */
  readonly policy: AttributeValues;
  readonly passwords: Readonly<Record<string, string>>;

  constructor(
    passwords: Readonly<Record<string, string>> = { alice: 'alice-pass' },
    policy: AttributeValues = {},
    key: Uint8Array = secret,
  ) {
    this.passwords = passwords;
    this.policy = policy;
    this.secret = key;
  }

  /** `undefined`: a server says nothing to what it cannot verify. */
  answer(bytes: Uint8Array): Uint8Array | undefined {
    const packet = readPacket(bytes);
    const flaw =
      packet.code === codes.accessRequest
        ? judgeAccessRequest(this.crypto, this.secret, bytes)
        : judgeDigestedRequest(this.crypto, this.secret, bytes);
    if (flaw === 'forged' || (flaw === 'unsigned' && packet.code === codes.accessRequest)) return undefined;
    const { values } = readAttributes(packet.attributes);
    this.requests.push({ packet, values });
    const { code, values: said } = this.decide(packet, values);
    return writeAnswer(this.crypto, this.secret, code, packet, said);
  }

  decide(packet: Packet, values: AttributeValues): Reply {
    if (packet.code === codes.accountingRequest) return { code: codes.accountingResponse, values: {} };
    const password = this.passwords[values.userName ?? ''];
    const shown = this.#shown(packet, values);
    const verdict = password === undefined || !shown ? undefined : verifyPassword(this.crypto, shown, password);
    if (verdict?.ok !== true) {
      const text = `E=691 R=1 C=${'0'.repeat(32)} V=3 M=no`;
      const error = shown?.method === 'mschapv2' ? { msChapError: { identifier: shown.identifier, text } } : {};
      return { code: codes.accessReject, values: { ...error, replyMessage: ['go away'] } };
    }
    const { authenticatorResponse: proof } = verdict;
    const success = proof === undefined ? {} : { msChap2Success: { identifier: 5, text: `S=${proof}` } };
    return { code: codes.accessAccept, values: { ...success, ...this.policy } };
  }

  #shown({ authenticator }: Packet, values: AttributeValues) {
    const { userName = '', userPassword, chapPassword, chapChallenge, msChap2Response, msChapChallenge } = values;
    if (userPassword !== undefined) {
      const password = revealPassword(userPassword, { crypto: this.crypto, secret: this.secret, authenticator });
      return { method: 'pap', userName, password } as const;
    }
    if (chapPassword !== undefined) {
      return { method: 'chap-md5', userName, challenge: chapChallenge ?? authenticator, ...chapPassword } as const;
    }
    if (msChap2Response === undefined || msChapChallenge === undefined) return undefined;
    return { method: 'mschapv2', userName, authenticatorChallenge: msChapChallenge, ...msChap2Response } as const;
  }
}

/** The servers of a client at the other end of a lossy wire. What a damaged datagram cannot be read as is dropped. */
export class Servers implements WireEnd {
  readonly #servers: Readonly<Record<Purpose, readonly (MemoryServer | undefined)[]>>;

  constructor(servers: Readonly<Record<Purpose, readonly (MemoryServer | undefined)[]>>) {
    this.#servers = servers;
  }

  start(): Uint8Array[] {
    return [];
  }

  receive(datagram: Uint8Array): Uint8Array[] {
    const found = this.#servers[purposes[datagram[0] ?? 9] ?? 'accounting'][datagram[1] ?? 0];
    try {
      const said = found?.answer(datagram.subarray(3));
      return said === undefined ? [] : [concat(datagram.subarray(0, 3), said)];
    } catch {
      return [];
    }
  }

  tick(): Uint8Array[] {
    return [];
  }

  deadlineMs(): undefined {
    return undefined;
  }
}

/** Carries what was sent to a server and its answer back. */
export function exchange(client: Client, from: MemoryServer, sends: readonly EffectOf<'send'>[]): EffectOf<'send'>[] {
  return sends.flatMap(({ channel, bytes }) => {
    const said = from.answer(bytes);
    return said === undefined ? [] : client.give({ kind: 'datagram', channel, bytes: said });
  });
}

export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined || list.length !== 1) throw new Error(`${list.length} where one belongs`);
  return first;
}

export function valuesOf(bytes: Uint8Array): AttributeValues {
  return readAttributes(readPacket(bytes).attributes).values;
}
