import { concat, sameBytes, toHex } from '../../wire/bytes.ts';
import { encode, u16, u32 } from '../../wire/codec.ts';
import { randomU32 } from '../../wire/random.ts';
import type { OptionRule } from '../option.ts';
import { protocols } from '../packet.ts';
import type { AuthMethod, LinkConfig, LinkMethod } from '../types.ts';

/** RFC 1661 §6, RFC 1662 §7.1. Callback (13) and whatever else is not listed is rejected. */
export const lcpOptions = {
  mru: 1,
  asyncMap: 2,
  authentication: 3,
  magic: 5,
  protocolCompression: 7,
  addressCompression: 8,
} as const;

export const defaultMruBytes = 1500;
/** The smallest that IPv4 leaves whole (RFC 791 §3.1). */
const leastMruBytes = 576;
const magicCollisions = 3;

export interface LcpWishes {
  readonly mruBytes: number | undefined;
  readonly magic: number | undefined;
  /** How often the peer refused our number by another: on a looped line it is our own voice (RFC 1661 §6.4). */
  readonly collisions: number;
  /** Host: what is demanded of the peer. */
  readonly authentication: LinkMethod | undefined;
  /** Host: what else may be demanded once that is refused, in order. */
  readonly otherMethods: readonly LinkMethod[];
  readonly protocolCompression: boolean;
  readonly addressCompression: boolean;
}

/** RFC 1334 §2.1, RFC 1994 §3, RFC 2759 §3, RFC 2284 §4. */
const methodData: Readonly<Record<LinkMethod, Uint8Array>> = {
  pap: Uint8Array.of(0xc0, 0x23),
  'chap-md5': Uint8Array.of(0xc2, 0x23, 5),
  mschapv2: Uint8Array.of(0xc2, 0x23, 0x81),
  eap: Uint8Array.of(protocols.eap >> 8, protocols.eap & 0xff),
};

export function readMethod(data: Uint8Array): LinkMethod | undefined {
  return (Object.keys(methodData) as LinkMethod[]).find((method) => sameBytes(methodData[method], data));
}

/** For people: also the methods that we do not speak. */
export function methodName(data: Uint8Array): string {
  const method = readMethod(data);
  if (method !== undefined) return method;
  if (sameBytes(data, Uint8Array.of(0xc2, 0x23, 0x80))) return 'mschapv1';
  return `0x${toHex(data)}`;
}

const showsPassword: ReadonlySet<AuthMethod> = new Set(['pap', 'eap-gtc']);

/** The methods in the order of preference, those of EAP as one; PAP and EAP-GTC show the password to whoever listens. */
export function usableMethods({ methods, insideIpsec }: LinkConfig): readonly LinkMethod[] {
  const usable = methods.filter((method) => insideIpsec || !showsPassword.has(method));
  return [...new Set(usable.map(linkMethod))];
}

function linkMethod(method: AuthMethod): LinkMethod {
  return method === 'pap' || method === 'chap-md5' || method === 'mschapv2' ? method : 'eap';
}

export function lcpWishes(config: LinkConfig, magic: number): LcpWishes {
  const [authentication, ...otherMethods] = config.role === 'host' ? usableMethods(config) : [];
  return {
    mruBytes: config.mruBytes,
    magic,
    collisions: 0,
    authentication,
    otherMethods,
    protocolCompression: true,
    addressCompression: true,
  };
}

const mru: OptionRule<LcpWishes> = {
  type: lcpOptions.mru,
  ask: ({ mruBytes }) => (mruBytes === undefined ? undefined : encode(u16, mruBytes)),
  judge: (asked) => {
    if (asked.length !== 2) return 'reject';
    return number(asked) >= leastMruBytes ? 'ack' : { nak: encode(u16, leastMruBytes) };
  },
  nakked: (wishes, suggestion) => {
    const suggested = suggestion.length === 2 ? number(suggestion) : 0;
    if (suggested < leastMruBytes) return { ...wishes, mruBytes: undefined };
    return { ...wishes, mruBytes: Math.min(suggested, wishes.mruBytes ?? suggested) };
  },
  rejected: (wishes) => ({ ...wishes, mruBytes: undefined }),
};

/** Means nothing where no bytes are escaped, but pppd always asks (RFC 2661 has no asynchronous framing). */
const asyncMap: OptionRule<LcpWishes> = {
  type: lcpOptions.asyncMap,
  ask: () => undefined,
  judge: (asked) => (asked.length === 4 ? 'ack' : 'reject'),
  nakked: (wishes) => wishes,
  rejected: (wishes) => wishes,
};

const magic: OptionRule<LcpWishes> = {
  type: lcpOptions.magic,
  ask: (wishes) => (wishes.magic === undefined ? undefined : encode(u32, wishes.magic)),
  judge: (asked, wishes, env) => {
    if (asked.length !== 4) return 'reject';
    const fresh = env.crypto.random(4);
    return number(asked) === 0 || number(asked) === wishes.magic ? { nak: fresh } : 'ack';
  },
  nakked: (wishes, _suggestion, env) => {
    if (wishes.collisions + 1 >= magicCollisions) return 'impossible';
    return { ...wishes, magic: randomU32(env.crypto), collisions: wishes.collisions + 1 };
  },
  rejected: (wishes) => ({ ...wishes, magic: undefined }),
};

const protocolCompression: OptionRule<LcpWishes> = {
  type: lcpOptions.protocolCompression,
  ask: (wishes) => (wishes.protocolCompression ? new Uint8Array() : undefined),
  judge: (asked) => (asked.length === 0 ? 'ack' : 'reject'),
  nakked: (wishes) => ({ ...wishes, protocolCompression: false }),
  rejected: (wishes) => ({ ...wishes, protocolCompression: false }),
};

const addressCompression: OptionRule<LcpWishes> = {
  type: lcpOptions.addressCompression,
  ask: (wishes) => (wishes.addressCompression ? new Uint8Array() : undefined),
  judge: (asked) => (asked.length === 0 ? 'ack' : 'reject'),
  nakked: (wishes) => ({ ...wishes, addressCompression: false }),
  rejected: (wishes) => ({ ...wishes, addressCompression: false }),
};

/** The authenticator demands; only the host is one, so that the client never asks the peer to prove itself. */
function authentication(config: LinkConfig): OptionRule<LcpWishes> {
  const methods = usableMethods(config);
  return {
    type: lcpOptions.authentication,
    ask: (wishes) => (wishes.authentication === undefined ? undefined : methodData[wishes.authentication]),
    judge: (asked) => {
      const [preferred] = methods;
      if (config.role === 'host' || preferred === undefined) return 'reject';
      const method = readMethod(asked);
      return method !== undefined && methods.includes(method) ? 'ack' : { nak: methodData[preferred] };
    },
    nakked: (wishes, suggestion) => {
      const suggested = readMethod(suggestion);
      const next = wishes.otherMethods.find((method) => method === suggested) ?? wishes.otherMethods[0];
      if (next === undefined) return 'impossible';
      const otherMethods = wishes.otherMethods.filter((method) => method !== next);
      return { ...wishes, authentication: next, otherMethods };
    },
    rejected: () => 'impossible',
  };
}

export function lcpRules(config: LinkConfig): readonly OptionRule<LcpWishes>[] {
  return [mru, asyncMap, authentication(config), magic, protocolCompression, addressCompression];
}

/** A big-endian number of at most four bytes. */
export function number(bytes: Uint8Array): number {
  const padded = concat(new Uint8Array(4), bytes).slice(-4);
  return new DataView(padded.buffer).getUint32(0);
}
