import {
  verifyChange,
  verifyPassword,
  type ClientConfig,
  type Further,
  type HostConfig,
  type LinkEffect,
  type LinkInput,
  type Verdict,
  type VerifyRequest,
} from '../../../main/protocol/ppp/index.ts';
import { fromUtf8 } from '../../../main/protocol/wire/bytes.ts';
import { runWire, type WireFaults } from '../../support/lossy-wire.ts';
import { clientConfig, hostConfig, LinkUnderTest } from '../ppp/links.ts';

/** For CULVERT_SEEDS in the thousands. */
export const longRunMs = 600_000;
export const password = 'alice-pass';

type Judge = (request: VerifyRequest, crypto: LinkUnderTest['crypto']) => Verdict | Further;

export const refused = { ok: false, code: 691, retryAllowed: false } as const;

export const byPassword: Judge = (request, crypto) => {
  if (request.method === 'eap' || request.method === 'eap-tls') return refused;
  return request.method === 'mschapv2-change'
    ? verifyChange(crypto, request, password).verdict
    : verifyPassword(crypto, request, password);
};

/** The password, then this code; a wrong one may be typed again. */
export function thenCode(code: string): Judge {
  return (request, crypto) => {
    if (request.method !== 'pap') return refused;
    if (request.token?.by === 'local') {
      const { tries } = request.token;
      if (fromUtf8(request.password) === code) return { ok: true };
      if (tries === 2) return refused;
      return { ok: 'further', kind: 'prompt', text: 'Wrong. Code', token: { by: 'local', tries: tries + 1 } };
    }
    if (!verifyPassword(crypto, request, password).ok) return refused;
    return { ok: 'further', kind: 'prompt', text: 'Code', token: { by: 'local', tries: 0 } };
  };
}

/** What TLS would have to say, by how much of it there is: neither end looks inside. */
export const flights = { client: [180, 5200, 0], server: [6100, 90] } as const;

function tlsOf(role: 'client' | 'server'): (flight: Uint8Array) => LinkInput {
  const heard = { client: [0, flights.server[0], flights.server[1]], server: [flights.client[0], flights.client[1]] }[
    role
  ];
  let turn = 0;
  return (flight) => {
    const isWhole = flight.length === heard[turn];
    const bytes = new Uint8Array(flights[role][turn] ?? 0).fill(turn + 1);
    turn += 1;
    if (!isWhole) {
      return {
        kind: 'tls',
        output: { state: 'failed', by: 'us', bytes: new Uint8Array(), reason: `${flight.length}` },
      };
    }
    const state = turn === flights[role].length ? 'done' : 'handshaking';
    const names = role === 'server' ? ['alice@corp.example'] : [];
    return { kind: 'tls', output: state === 'done' ? { state, bytes, names } : { state, bytes } };
  };
}

export interface EapScene {
  readonly client?: Partial<ClientConfig>;
  readonly host?: Partial<HostConfig>;
  readonly judge?: Judge;
  /** What the user types when asked, in order. */
  readonly types?: readonly string[];
  readonly faults?: WireFaults;
}

/** A client and a host that agree on EAP. */
export function meetByEap({ client: clientPart, host: hostPart, judge = byPassword, types = [], faults }: EapScene) {
  const seed = faults?.seed ?? 1;
  const client = new LinkUnderTest({ ...clientConfig, userWaitMs: 60_000, ...clientPart }, seed);
  const host = new LinkUnderTest({ ...hostConfig, ...hostPart }, seed + 1000);
  const typed = [...types];
  const [clientTls, serverTls] = [tlsOf('client'), tlsOf('server')];
  client.react = (effect: LinkEffect): LinkInput | undefined => {
    if (effect.kind === 'tls') return clientTls(effect.flight);
    const text = effect.kind === 'challenge' ? typed.shift() : undefined;
    return text === undefined ? undefined : { kind: 'response', text };
  };
  host.react = (effect) => {
    if (effect.kind === 'tls') return serverTls(effect.flight);
    if (effect.kind === 'addressWanted') return { kind: 'assignAddress', address: '10.99.0.10' };
    if (effect.kind !== 'verify') return undefined;
    return { kind: 'verdict', attempt: effect.attempt, verdict: judge(effect.request, host.crypto) };
  };
  const isUp = ({ state }: LinkUnderTest): boolean => state.at === 'network' && state.ipcp?.control.at === 'opened';
  const settled = (end: LinkUnderTest): boolean => end.state.at === 'closed' || isUp(end);
  const run = (timeoutMs = 200_000) =>
    runWire([client, host], faults ?? { seed }, { done: () => settled(client) && settled(host), timeoutMs });
  return { client, host, run, isUp };
}
