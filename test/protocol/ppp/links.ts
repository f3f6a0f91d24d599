import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import {
  createLink,
  defaultRestart,
  linkDeadlineMs,
  stepLink,
  verifyChange,
  verifyPassword,
  type ClientConfig,
  type HostConfig,
  type LinkConfig,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  type VerifyRequest,
  type Verdict,
} from '../../../main/protocol/ppp/index.ts';
import { latin1 } from '../../../main/protocol/wire/bytes.ts';
import { decode, encode } from '../../../main/protocol/wire/codec.ts';
import { Frame, Options, Packet, encodeFrame, type Option } from '../../../main/protocol/ppp/packet.ts';
import type { WireEnd } from '../../support/lossy-wire.ts';
import { seededCrypto } from '../../support/seeded-crypto.ts';

export const clientConfig: ClientConfig = {
  role: 'client',
  insideIpsec: true,
  mruBytes: 1400,
  ipv6: true,
  restart: defaultRestart,
  authenticationTimeoutMs: 60_000,
  credentials: { userName: 'CORP\\alice', password: 'alice-pass' },
  methods: ['mschapv2', 'chap-md5', 'pap'],
  requestDns: true,
  requestWins: true,
  userWaitMs: 0,
};

export const hostConfig: HostConfig = {
  role: 'host',
  insideIpsec: true,
  mruBytes: 1400,
  ipv6: true,
  restart: defaultRestart,
  authenticationTimeoutMs: 60_000,
  hostName: 'gateway',
  methods: ['mschapv2', 'chap-md5', 'pap'],
  localAddress: '10.99.0.1',
  dns: ['10.99.0.53', '10.99.0.54'],
  wins: ['10.99.0.42'],
};

type EffectOf<K extends LinkEffect['kind']> = Extract<LinkEffect, { kind: K }>;

/** A link with its clock, and all that it has done. */
export class LinkUnderTest implements WireEnd {
  readonly config: LinkConfig;
  readonly crypto: CryptoPort;
  readonly done: LinkEffect[] = [];
  state: LinkState;
  nowMs = 0;
  /** What a user or a server does about an effect, at once. */
  react: (effect: LinkEffect) => LinkInput | undefined = () => undefined;

  constructor(config: LinkConfig, seed = 1) {
    this.config = config;
    this.crypto = seededCrypto(seed);
    this.state = createLink(config);
  }

  input(input: LinkInput): Uint8Array[] {
    const step = stepLink(this.state, input, { nowMs: this.nowMs, crypto: this.crypto });
    this.state = step.state;
    this.done.push(...step.effects);
    return step.effects.flatMap((effect) => {
      if (effect.kind === 'send') return [effect.bytes];
      const reaction = this.react(effect);
      return reaction === undefined ? [] : this.input(reaction);
    });
  }

  start(nowMs: number): Uint8Array[] {
    this.nowMs = nowMs;
    return this.input({ kind: 'lowerUp' });
  }

  receive(bytes: Uint8Array, nowMs = this.nowMs): Uint8Array[] {
    this.nowMs = nowMs;
    return this.input({ kind: 'frame', bytes });
  }

  tick(nowMs: number): Uint8Array[] {
    this.nowMs = nowMs;
    return this.input({ kind: 'tick' });
  }

  deadlineMs(): number | undefined {
    return linkDeadlineMs(this.state);
  }

  all<K extends LinkEffect['kind']>(kind: K): EffectOf<K>[] {
    return this.done.filter((effect): effect is EffectOf<K> => effect.kind === kind);
  }

  get up(): EffectOf<'ipv4Up'> | undefined {
    return this.all('ipv4Up').at(-1);
  }

  get cause() {
    return this.all('closed').at(-1)?.cause;
  }

  /** Lets time pass with a silent peer; returns what was sent, in order, with its times. */
  wait(untilMs: number): { readonly atMs: number; readonly sent: Parsed }[] {
    const sent: { atMs: number; sent: Parsed }[] = [];
    for (let dueMs = this.deadlineMs(); dueMs !== undefined && dueMs <= untilMs; dueMs = this.deadlineMs()) {
      for (const bytes of this.tick(dueMs)) sent.push({ atMs: dueMs, sent: parse(bytes) });
    }
    this.nowMs = untilMs;
    return sent;
  }
}

export interface User {
  readonly password: string;
  readonly expired?: boolean;
}

/** A host that knows one user and has one address, or none. */
export function hostLink(user: User, address: string | undefined, config = hostConfig, seed = 2): LinkUnderTest {
  const host = new LinkUnderTest(config, seed);
  let known = user;
  const judge = (request: VerifyRequest): Verdict => {
    if (request.method === 'mschapv2-change') {
      const { verdict, newPassword } = verifyChange(host.crypto, request, known.password);
      if (newPassword !== undefined) known = { password: newPassword };
      return verdict;
    }
    if (request.method === 'eap' || request.method === 'eap-tls') return { ok: false, code: 691, retryAllowed: false };
    const verdict = verifyPassword(host.crypto, request, known.password);
    if (verdict.ok && known.expired === true) {
      return { ok: false, code: 648, retryAllowed: false, message: 'too old' };
    }
    return verdict.ok ? verdict : { ...verdict, message: 'wrong', retryAllowed: true };
  };
  host.react = (effect) => {
    if (effect.kind === 'verify') return { kind: 'verdict', attempt: effect.attempt, verdict: judge(effect.request) };
    if (effect.kind !== 'addressWanted') return undefined;
    return address === undefined ? { kind: 'refuseAddress' } : { kind: 'assignAddress', address };
  };
  return host;
}

/** A frame, readable in a test. */
export interface Parsed {
  readonly protocol: number;
  readonly code: number;
  readonly identifier: number;
  readonly data: Uint8Array;
}

export function parse(bytes: Uint8Array): Parsed {
  const { protocol, information } = decode(Frame, bytes);
  return { protocol, ...decode(Packet, information) };
}

export function optionsOf(frame: Parsed | undefined): readonly Option[] {
  return decode(Options, frame?.data ?? new Uint8Array());
}

export function control(
  protocol: number,
  code: number,
  identifier: number,
  body: readonly Option[] | Uint8Array | string = [],
): Uint8Array {
  const data = typeof body === 'string' ? latin1(body) : body instanceof Uint8Array ? body : encode(Options, body);
  return encodeFrame(protocol, { code, identifier, data });
}

export function option(type: number, ...data: number[]): Option {
  return { type, data: Uint8Array.from(data) };
}
