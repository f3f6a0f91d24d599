import type { DatapathEvent } from '../../../main/contracts/helper.ts';
import type { SessionPolicy } from '../../../main/contracts/session-policy.ts';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import type { Endpoint, IkePort, PeerVerdict } from '../../../main/protocol/ike/index.ts';
import {
  type Further,
  type Verdict,
  type VerifyRequest,
  verifyChange,
  verifyPassword,
} from '../../../main/protocol/ppp/index.ts';
import { fromUtf8, utf8 } from '../../../main/protocol/wire/bytes.ts';
import {
  createHost,
  defaultLimits,
  type HostConfig,
  hostDeadlineMs,
  type HostEffect,
  type HostFact,
  type HostInput,
  type HostState,
  stepHost,
} from '../../../main/session/host/index.ts';
import { hostProposals } from '../../../main/session/proposals.ts';
import { seededCryptoWithPooledKeys } from '../../support/seeded-crypto.ts';
import { gatewayAddress } from './memory-client.ts';
import { frame, MemoryDatapath, type Payload, unframe } from './memory-datapath.ts';

export function hostConfig(changes: Partial<HostConfig> = {}): HostConfig {
  return {
    name: 'gateway',
    local: { address: gatewayAddress, ikePort: 500, nattPort: 4500 },
    identity: 'address',
    preSharedKeys: [{ name: 'everybody', key: utf8('the pre-shared key') }],
    proposals: hostProposals('compatible'),
    lifetimes: { ikeSeconds: 28_800, espSeconds: 3600 },
    deadPeerDetection: { idleMs: 30_000, retryMs: 5000, tries: 4 },
    fragmentBytes: 1280,
    limits: defaultLimits,
    l2tp: { helloMs: 60_000 },
    ppp: {
      methods: ['mschapv2', 'chap-md5', 'pap'],
      localAddress: '10.99.0.1',
      dns: ['10.99.0.1', '10.99.0.2'],
      wins: [],
      mruBytes: 1400,
      ipv6: false,
      authenticationTimeoutMs: 60_000,
    },
    ...changes,
  };
}

export function sessionPolicy(changes: Partial<SessionPolicy> = {}): SessionPolicy {
  return {
    user: 'alice',
    groups: ['default'],
    address: { kind: 'pools', pools: ['clients'] },
    tunnel: 'full',
    routes: [],
    dnsServers: ['10.99.0.1', '10.99.0.2'],
    searchDomains: [],
    wins: [],
    sessionsPerUser: 3,
    whenSessionsReached: 'refuse',
    isolated: true,
    mtu: 1400,
    networks: [],
    ...changes,
  };
}

type Effect<K extends HostEffect['kind']> = Extract<HostEffect, { kind: K }>;

export interface MemoryHostOptions {
  readonly config?: Partial<HostConfig>;
  readonly users?: (user: string) => string | undefined;
  /** What differs from nothing in particular. */
  readonly policy?: Partial<SessionPolicy>;
  /** How long the authenticator takes. */
  readonly verdictMs?: number;
  /** Asked for after the password. */
  readonly code?: string;
  readonly retryAllowed?: boolean;
  readonly expired?: boolean;
  readonly emptyPool?: boolean;
  /** Every session's. */
  readonly ipv6Prefix?: string;
  /** Which of the host's addresses the clients speak to. */
  readonly asked?: string;
  readonly crypto?: CryptoPort;
  /** Of clients' certificates. */
  readonly judge?: (asked: Effect<'verifyPeer'>) => PeerVerdict | undefined;
}

export interface Outgoing {
  readonly from: IkePort;
  readonly to: Endpoint;
  readonly datagram: Uint8Array;
}

/** The host's session with a datapath of many paths, an authenticator and a pool in memory. */
export class MemoryHost {
  readonly effects: HostEffect[] = [];
  readonly #options: MemoryHostOptions;
  readonly #crypto: CryptoPort;
  readonly #paths = new Map<number, { remote: Endpoint; readonly sas: MemoryDatapath; session: number | undefined }>();
  readonly #pathOfSpi = new Map<number, number>();
  readonly #sessions = new Map<number, { readonly path: number; readonly address?: string }>();
  readonly #later: { readonly atMs: number; readonly input: HostInput }[] = [];
  readonly #leases = new Map<string, string>();
  #state: HostState;

  constructor(options: MemoryHostOptions = {}, seed = 1) {
    this.#options = options;
    this.#crypto = options.crypto ?? seededCryptoWithPooledKeys(seed + 1_000_000);
    this.#state = createHost(hostConfig(options.config));
  }

  get state(): HostState {
    return this.#state;
  }

  /** Killed and started again: of what was, nothing is known. */
  restart(): void {
    this.#state = createHost(hostConfig(this.#options.config));
    for (const table of [this.#paths, this.#pathOfSpi, this.#sessions]) table.clear();
    this.#later.length = 0;
  }

  /** What the datapath has installed: paths, SAs and sessions. */
  get installed(): readonly [number, number, number] {
    return [this.#paths.size, this.#pathOfSpi.size, this.#sessions.size];
  }

  addressesOnline(): string[] {
    return [...this.#sessions.values()].flatMap(({ address }) => address ?? []);
  }

  of<K extends HostEffect['kind']>(kind: K): Effect<K>[] {
    return this.effects.filter((effect): effect is Effect<K> => effect.kind === kind);
  }

  facts<F extends HostFact['fact']>(name: F): Extract<HostFact, { fact: F }>[] {
    return this.of('fact').flatMap(({ fact }) => (fact.fact === name ? [fact as Extract<HostFact, { fact: F }>] : []));
  }

  deadlineMs(): number | undefined {
    const due = [hostDeadlineMs(this.#state), this.#later[0]?.atMs].filter((atMs) => atMs !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  tick(nowMs: number): Outgoing[] {
    const out: Outgoing[] = [];
    while ((this.#later[0]?.atMs ?? Infinity) <= nowMs) {
      const next = this.#later.shift();
      if (next !== undefined) out.push(...this.give(next.input, nowMs));
    }
    return [...out, ...this.give({ kind: 'tick' }, nowMs)];
  }

  receive(datagram: Uint8Array, remote: Endpoint, nowMs: number): Outgoing[] {
    const { kind, body } = unframe(datagram);
    const { asked: local } = this.#options;
    if (kind === 'ike' || kind === 'natt')
      return this.#report({ kind: 'ike', socket: kind, remote, ...(local && { local }) }, body, nowMs);
    return kind === 'sealed' ? this.#receiveSealed(body, remote, nowMs) : [];
  }

  give(input: HostInput, nowMs: number): Outgoing[] {
    const { state, effects } = stepHost(this.#state, input, { nowMs, crypto: this.#crypto });
    this.#state = state;
    this.effects.push(...effects);
    return effects.flatMap((effect) => this.#perform(effect, nowMs));
  }

  #report(event: DatapathEvent, attachment: Uint8Array, nowMs: number): Outgoing[] {
    return this.give({ kind: 'datapathEvent', event, attachment }, nowMs);
  }

  #receiveSealed(body: Uint8Array, remote: Endpoint, nowMs: number): Outgoing[] {
    const spi = body.length < 4 ? 0 : new DataView(body.buffer, body.byteOffset).getUint32(0);
    const id = this.#pathOfSpi.get(spi);
    const path = this.#paths.get(id ?? 0);
    const opened = path?.sas.open(body);
    if (id === undefined || path === undefined || opened === undefined) return [];
    const out = this.#report({ kind: 'saUsed', path: id, inboundSpi: spi }, new Uint8Array(), nowMs);
    if (path.remote.address !== remote.address || path.remote.port !== remote.port) {
      path.remote = remote;
      out.push(...this.#report({ kind: 'pathMoved', path: id, remote }, new Uint8Array(), nowMs));
    }
    if (opened.payload === 'l2tp') out.push(...this.#report({ kind: 'l2tp', path: id }, opened.body, nowMs));
    if (opened.payload === 'ppp' && path.session !== undefined) {
      out.push(...this.#report({ kind: 'ppp', session: path.session }, opened.body, nowMs));
    }
    return out;
  }

  #perform(effect: HostEffect, nowMs: number): Outgoing[] {
    switch (effect.kind) {
      case 'datapath':
        this.#request(effect);
        return [];
      case 'command':
        return this.#command(effect);
      case 'verifyPeer': {
        const verdict = this.#options.judge?.(effect);
        const { peer, exchange } = effect;
        return verdict === undefined ? [] : this.#answer({ kind: 'peerVerdict', peer, exchange, verdict }, nowMs);
      }
      case 'authenticate': {
        const { session, attempt, request } = effect;
        const verdict = this.#judge(request);
        const { policy, verdictMs } = this.#options;
        const asked = { kind: 'verdict', session, attempt } as const;
        const input =
          verdict.ok === true
            ? { ...asked, verdict, policy: sessionPolicy({ user: request.userName, ...policy }) }
            : { ...asked, verdict };
        return this.#answer(input, nowMs, verdictMs);
      }
      case 'wantAddress': {
        const address = this.#options.emptyPool === true ? undefined : this.#lease(`${effect.user} ${effect.session}`);
        const { ipv6Prefix } = this.#options;
        const given = { ...(address && { address }), ...(ipv6Prefix && { ipv6Prefix }) };
        return this.#answer({ kind: 'address', session: effect.session, ...given }, nowMs);
      }
      case 'tls':
        throw new Error('no TLS here');
      case 'addressUnused':
      case 'applyPolicy':
      case 'fact':
      case 'log':
      case 'sessionEnded':
      case 'sessionStarted':
        return [];
    }
  }

  #answer(input: HostInput, nowMs: number, afterMs = 0): Outgoing[] {
    if (afterMs === 0) return this.give(input, nowMs);
    this.#later.push({ atMs: nowMs + afterMs, input });
    this.#later.sort((a, b) => a.atMs - b.atMs);
    return [];
  }

  #lease(who: string): string {
    const next = this.#leases.size + 10;
    const address = this.#leases.get(who) ?? `10.99.${(next >> 8) + 1}.${next & 0xff}`;
    this.#leases.set(who, address);
    return address;
  }

  #judge(request: VerifyRequest): Verdict | Further {
    const { users = () => 'alice-pass', expired, retryAllowed = false } = this.#options;
    const password = users(request.userName);
    if (password === undefined) return { ok: false, code: 691, retryAllowed };
    if (request.method === 'mschapv2-change') return verifyChange(this.#crypto, request, password).verdict;
    if (request.method === 'eap' || request.method === 'eap-tls') return { ok: false, code: 691, retryAllowed };
    const { code } = this.#options;
    if (request.method === 'pap' && request.token !== undefined) {
      return fromUtf8(request.password) === code ? { ok: true } : { ok: false, code: 691, retryAllowed };
    }
    const verdict = verifyPassword(this.#crypto, request, password);
    if (!verdict.ok) return { ...verdict, retryAllowed };
    if (code !== undefined) return { ok: 'further', kind: 'prompt', text: 'Code', token: { by: 'local', tries: 0 } };
    return expired === true ? { ok: false, code: 648, retryAllowed: false } : verdict;
  }

  #request({ request, attachment = new Uint8Array() }: Effect<'datapath'>): void {
    switch (request.kind) {
      case 'setPath': {
        const { remote } = request;
        const known = this.#paths.get(request.path);
        if (known === undefined)
          this.#paths.set(request.path, { remote, sas: new MemoryDatapath(), session: undefined });
        else known.remote = remote;
        return;
      }
      case 'installSa': {
        const inboundBytes = request.inbound.cipherKeyBytes + request.inbound.integrityKeyBytes;
        const keys = [attachment.subarray(0, inboundBytes), attachment.subarray(inboundBytes)] as const;
        if (this.#pathOfSpi.has(request.inbound.spi)) throw new Error(`SPI ${request.inbound.spi} is taken`);
        this.#path(request.path).sas.install(request.inbound.spi, request.outbound.spi, ...keys);
        this.#pathOfSpi.set(request.inbound.spi, request.path);
        return;
      }
      case 'useSa':
        this.#path(request.path).sas.use(request.outboundSpi);
        return;
      case 'removeSa':
        this.#path(request.path).sas.remove(request.inboundSpi);
        this.#pathOfSpi.delete(request.inboundSpi);
        return;
      case 'removePath':
        this.#path(request.path);
        this.#paths.delete(request.path);
        return;
      case 'setSession': {
        const address = request.prefixes[0]?.replace('/32', '');
        const others = [...this.#sessions].filter(([id]) => id !== request.session);
        if (address !== undefined && others.some(([, other]) => other.address === address)) {
          throw new Error(`${address} is another session's`);
        }
        this.#path(request.path).session = request.session;
        this.#sessions.set(request.session, { path: request.path, ...(address !== undefined && { address }) });
        return;
      }
      case 'removeSession': {
        const path = this.#paths.get(this.#sessions.get(request.session)?.path ?? 0);
        if (path?.session === request.session) path.session = undefined;
        if (!this.#sessions.delete(request.session)) throw new Error(`no session ${request.session}`);
        return;
      }
      case 'hello':
      case 'statistics':
        return;
    }
  }

  #path(id: number) {
    const path = this.#paths.get(id);
    if (path === undefined) throw new Error(`no path ${id}`);
    return path;
  }

  #command({ command, attachment = new Uint8Array() }: Effect<'command'>): Outgoing[] {
    switch (command.kind) {
      case 'sendIke':
        return [{ from: command.socket, to: command.remote, datagram: frame(command.socket, attachment) }];
      case 'sendKeepalive':
        return [];
      case 'sendL2tp':
        return this.#seal(command.path, 'l2tp', attachment);
      case 'sendPpp':
        return this.#seal(this.#sessions.get(command.session)?.path ?? 0, 'ppp', attachment);
    }
  }

  #seal(id: number, payload: Payload, body: Uint8Array): Outgoing[] {
    const path = this.#paths.get(id);
    const datagrams = path?.sas.seal(payload, body) ?? [];
    return path === undefined ? [] : datagrams.map((datagram) => ({ from: 'natt', to: path.remote, datagram }));
  }
}
