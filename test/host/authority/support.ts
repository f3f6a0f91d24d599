import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, vi } from 'vitest';
import type { AuditEvent } from '../../../main/contracts/audit.ts';
import type { HostConfig } from '../../../main/contracts/host-config.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import {
  openAuthority,
  type Authority,
  type AuthorityEffect,
  type AuthorityGround,
  type AuthorityInput,
} from '../../../main/host/authority/index.ts';
import { checkHostConfig } from '../../../main/host/configuration/index.ts';
import type { NewUser } from '../../../main/host/users/index.ts';
import type { AuthMethod, VerifyRequest } from '../../../main/protocol/ppp/index.ts';
import type { EndCode, SessionCounters, SessionFacts } from '../../../main/session/host/index.ts';
import type { MemoryServer } from '../../protocol/radius/support.ts';
import { credentials } from '../../protocol/radius/support.ts';
import { eventually } from '../../support/processes.ts';
import { scratchFolder } from '../../support/scratch.ts';

export const crypto = await createCrypto();
export const home = '198.51.100.7';
/** A Tuesday. */
export const firstMs = Date.parse('2026-11-24T12:00:00Z');

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  vi.useRealTimers();
});

/** From now on time passes only where a test lets it; sockets go on as they do. */
export function holdTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: firstMs,
  });
}

/** Lets held time pass, and between its steps the sockets work, until it holds. */
export async function passTime(forMs: number, holds: () => boolean = () => false): Promise<void> {
  const stepMs = 50;
  for (let passedMs = 0; passedMs < forMs && !holds(); passedMs += stepMs) {
    for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(Math.min(stepMs, forMs - passedMs));
  }
}

type EffectOf<Kind extends AuthorityEffect['kind']> = Extract<AuthorityEffect, { kind: Kind }>;
type Verdict = Extract<AuthorityInput, { kind: 'verdict' }>;
type Method = 'pap' | 'chap-md5' | 'mschapv2';

export interface Attempt {
  readonly method?: Method;
  readonly session?: number;
  readonly from?: string;
  /** What its packets say. */
  readonly claims?: string;
  readonly replaces?: readonly number[];
  readonly request?: VerifyRequest;
  /** Where `request` does not tell. */
  readonly via?: AuthMethod;
}

/** An authority with files of its own, and the sessions it is told of. */
export class Scene {
  readonly folder: string;
  readonly inputs: AuthorityInput[] = [];
  readonly events: AuditEvent[] = [];
  readonly said: string[] = [];
  #authority: Authority | undefined;
  #lastSession = 0;
  #lastAttempt = 0;

  private constructor() {
    this.folder = scratchFolder('authority');
  }

  /** @param members  of the configuration, beside what every one needs */
  static async open(members: object = {}, users: readonly (NewUser & { readonly password?: string })[] = []) {
    const scene = new Scene();
    const ground = scene.ground(members);
    const opened = await openAuthority({
      ground,
      crypto,
      give: (input) => {
        scene.inputs.push(input);
      },
      say: (text) => {
        scene.said.push(text);
      },
      recorded: (event) => {
        scene.events.push(event);
      },
    });
    if (!opened.ok) throw new Error(opened.failure.cause);
    scene.#authority = opened.value;
    cleanUps.push(() => scene.stop());
    for (const { password, ...user } of users) {
      const added = await opened.value.users.add(user, new Secret(password ?? `${user.name}-pass`));
      if (!added.ok) throw new Error(JSON.stringify(added.failure));
    }
    return scene;
  }

  get authority(): Authority {
    if (this.#authority === undefined) throw new Error('not open');
    return this.#authority;
  }

  async stop(): Promise<void> {
    const stopping = this.#authority?.stop();
    this.#authority = undefined;
    let isOver = false;
    void stopping?.then(() => (isOver = true));
    if (vi.isFakeTimers()) await passTime(20_000, () => isOver);
    await stopping;
  }

  config(members: object): HostConfig {
    const text = JSON.stringify({
      preSharedKey: 'a key that is long enough',
      pools: { office: { ranges: ['10.91.37.0/24'] } },
      localUsers: { file: 'users.store', keyFile: 'users.key' },
      audit: { file: 'audit/audit.jsonl' },
      ...members,
    });
    const checked = checkHostConfig(text, { nowMs: firstMs, hostNetworks: [] });
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
    return checked.config;
  }

  ground(members: object = {}): AuthorityGround {
    const configFile = join(this.folder, 'host.json');
    const common = { hostDnsServers: ['192.0.2.53'], hostName: 'gateway.test', localAddress: '203.0.113.1' };
    return { config: this.config(members), configFile, ...common };
  }

  write(name: string, text: string): string {
    writeFileSync(join(this.folder, name), text, { mode: 0o600 });
    return name;
  }

  about(session: number, from = home, claims = from): SessionFacts {
    return {
      session,
      peer: session,
      remote: { address: claims, port: 1024 + session },
      provenAddress: from,
      identity: '192.168.1.10',
      ikeSuite: 'aes-256-cbc/sha256/modp2048',
      espSuite: 'aes-256-gcm-16',
      hostName: 'laptop',
      client: 'windows',
      startedMs: 0,
    };
  }

  /** A sign-in; resolves with its verdict. */
  async signIn(user: string, password = `${user}-pass`, attempt: Attempt = {}): Promise<Verdict> {
    const session = this.ask(user, password, attempt);
    const number = this.#lastAttempt;
    await this.until('a verdict', () => this.#verdictOf(session, number) !== undefined);
    const verdict = this.#verdictOf(session, number);
    if (verdict === undefined) throw new Error('no verdict');
    return verdict;
  }

  /** Begins a sign-in; its session. */
  ask(
    user: string,
    password: string,
    { method = 'mschapv2', session, from, claims, replaces = [], request, via = method }: Attempt = {},
  ) {
    this.#lastSession = Math.max(this.#lastSession, session ?? this.#lastSession + 1);
    this.#lastAttempt += 1;
    const about = this.about(session ?? this.#lastSession, from, claims);
    this.authority.perform({
      kind: 'authenticate',
      session: about.session,
      attempt: this.#lastAttempt,
      method: via,
      request: request ?? credentials(method, password, user, crypto),
      about,
      replaces,
    });
    return about.session;
  }

  #verdictOf(session: number, attempt: number): Verdict | undefined {
    return this.verdicts.find((each) => each.session === session && each.attempt === attempt);
  }

  get verdicts(): Verdict[] {
    return this.inputs.filter((input) => input.kind === 'verdict');
  }

  of<Kind extends AuthorityInput['kind']>(kind: Kind): Extract<AuthorityInput, { kind: Kind }>[] {
    return this.inputs.filter((input): input is Extract<AuthorityInput, { kind: Kind }> => input.kind === kind);
  }

  /** Signs in and comes online; its session. */
  async online(user: string, address: string, attempt: Attempt = {}, password?: string): Promise<number> {
    const verdict = await this.signIn(user, password, attempt);
    if (!('policy' in verdict)) throw new Error(`refused: ${JSON.stringify(verdict)}`);
    const { session, policy } = verdict;
    const about = this.about(session, attempt.from);
    const method = attempt.method ?? 'mschapv2';
    this.authority.perform({ kind: 'sessionStarted', user, method, address, mtuBytes: 1400, policy, about });
    return session;
  }

  end(session: number, user: string, code: EndCode, changes: Partial<EffectOf<'sessionEnded'>> = {}): void {
    const end = { code, detail: '' };
    const about = this.about(session);
    const common = { lastedMs: 61_500, totals: counted(5_000_000_000n, 7n), about };
    this.authority.perform({ kind: 'sessionEnded', user, address: '10.91.37.9', end, ...common, ...changes });
  }

  reasons(): (string | undefined)[] {
    return this.events.flatMap((event) => (event.kind === 'authenticationFailed' ? [event.reason] : []));
  }

  recorded<Kind extends AuditEvent['kind']>(kind: Kind): Extract<AuditEvent, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<AuditEvent, { kind: Kind }> => event.kind === kind);
  }

  /** Lets real time pass, or a little of held time, until it holds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    if (!vi.isFakeTimers()) {
      await eventually(what, 10_000, holds);
      return;
    }
    await passTime(3000, holds);
    if (!holds()) throw new Error(`in vain: ${what}`);
  }
}

export function counted(receivedBytes: bigint, packets: bigint): SessionCounters {
  return { receivedPackets: packets, receivedBytes, sentPackets: packets + 1n, sentBytes: 99n };
}

/** A RADIUS server in memory behind a real port. */
export async function serve(radius: Pick<MemoryServer, 'answer'>): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const said = radius.answer(new Uint8Array(bytes));
    if (said !== undefined) socket.send(said, from.port, from.address);
  });
  cleanUps.push(() => new Promise<void>((resolve) => void socket.close(resolve)));
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  return socket.address().port;
}
