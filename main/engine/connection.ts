import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionEvent, ConnectionStatus } from '../contracts/events.ts';
import { failure, type Failure, type Phase, type Result } from '../contracts/failure.ts';
import type { NetworkPlan } from '../contracts/helper.ts';
import type { Profile } from '../contracts/profile.ts';
import { type Prompt, type PromptInSession, promptSeconds } from '../contracts/prompt.ts';
import { Secret } from '../contracts/secret.ts';
import type { Helper } from '../helper/index.ts';
import type { CryptoPort } from '../protocol/crypto.ts';
import { preparationPlan } from '../session/client/index.ts';
import { redial } from '../session/redial.ts';
import { Attempt, type Carried } from './attempt.ts';
import { type ClientCertificates, outOfTime } from './certificates/index.ts';
import { KnownCredentials, type Learned, missingOf, needsPassword, promptAfter, wordsOf } from './credentials.ts';
import type { TlsSettings } from './eap-tls/channel.ts';
import { type Ask, Prompter, type Reply } from './prompter.ts';
import { resolveGateway } from './resolve.ts';

export interface ConnectionOptions {
  readonly name: string;
  readonly profile: Profile;
  /** What is not known is asked for: the user name, the password, the pre-shared key. */
  readonly preSharedKey?: Secret | undefined;
  /** In place of the pre-shared key, where the profile has a certificate. */
  readonly certificates?: ClientCertificates;
  readonly tunnelSecret?: Secret;
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
  readonly newPassword?: string;
  /** For EAP-TLS. */
  readonly eapTls?: TlsSettings | undefined;
  /** Absent: there is nobody to ask, and what the user would have to change ends the connection. */
  readonly ask?: Ask;
  /** The gateway took what the user gave when asked. */
  readonly onLearned?: (learned: Learned) => void;
  /** The bytes of a pre-shared key as people write it. */
  readonly secretFromText: (text: string) => Secret;
  readonly crypto: CryptoPort;
  /** Starts or finds the native helper, and connects to it. */
  readonly openHelper: () => Promise<Result<Helper>>;
  readonly onEvent: (event: ConnectionEvent) => void;
  readonly onLog: (source: string, text: string) => void;
  /** What this attempt's session carried so far, about once a second while it is up. */
  readonly onTraffic?: (carried: Carried) => void;
}

/** Whatever is asked is over by then: each prompt has a time of its own. */
const userWaitMs = (Math.max(promptSeconds.challenge, promptSeconds.newPassword) + 5) * 1000;

/** Known to be none, so that nobody is asked for it. */
const noPreSharedKey = new Secret(new Uint8Array());

/** A connection that stays: dials, dials again when it is lost, and leaves the machine's network as it was. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #stopping = new AbortController();
  #helper: Helper | undefined;
  #attempt: Attempt | undefined;
  #state: ConnectionStatus['state'] = 'dialling';
  #phase: Phase = 'setup';
  #summary: ConnectionStatus['connection'];
  #connectedAtMs = 0;
  #carried: Carried = { receivedBytes: 0n, sentBytes: 0n };
  #lastFailure: Failure | undefined;
  #lastAddress: string | undefined;
  readonly #credentials: KnownCredentials;
  readonly #prompter: Prompter;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { userName, newPassword, profile } = options;
    const password = needsPassword(profile) ? options.password : '';
    const preSharedKey = profile.ipsec.certificate === undefined ? options.preSharedKey : noPreSharedKey;
    const given = { userName, password, preSharedKey, newPassword };
    this.#credentials = new KnownCredentials(given, options.secretFromText);
    this.#prompter = new Prompter(options.ask, this.#stopping.signal, (kind) => {
      this.#prompting(kind);
    });
  }

  /** Resolves once everything is over and the network restored, with the reason. */
  async run(): Promise<Failure> {
    let ended = failure('user.stopped');
    let failures = 0;
    let everConnected = false;
    const missing = await this.#askForMissing();
    if (missing !== undefined) ended = missing;
    for (let attempt = 1; missing === undefined && !this.#stopped(); attempt++) {
      ended = await this.#dial(attempt);
      this.#lastFailure = ended;
      if (this.#connectedAtMs > 0) failures = 0;
      everConnected ||= this.#connectedAtMs > 0;
      this.#connectedAtMs = 0;
      this.#summary = undefined;
      if (await this.#askAfter(ended)) {
        failures = 0;
        continue;
      }
      failures += 1;
      const next = redial(ended, failures, everConnected, this.#options.profile.reconnect, Math.random());
      if (next.kind === 'giveUp' || this.#stopped()) break;
      this.#state = 'waiting';
      this.#options.onEvent({ event: 'waiting', seconds: next.seconds, attempt: attempt + 1 });
      await pause(next.seconds * 1000, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
    this.#state = 'stopping';
    await this.#restoreNetwork();
    this.#options.onEvent({ event: 'disconnected', failure: ended });
    return ended;
  }

  stop(): void {
    this.#stopping.abort();
    this.#attempt?.stop();
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  status(): ConnectionStatus {
    const connected = this.#connectedAtMs > 0;
    return {
      name: this.#options.name,
      processId: process.pid,
      state: this.#state,
      ...(this.#state === 'dialling' && { phase: this.#phase }),
      ...(connected && {
        connectedSeconds: Math.floor((performance.now() - this.#connectedAtMs) / 1000),
        receivedBytes: String(this.#carried.receivedBytes),
        sentBytes: String(this.#carried.sentBytes),
      }),
      ...(this.#summary !== undefined && { connection: this.#summary }),
      ...(this.#lastFailure !== undefined && { lastFailure: this.#lastFailure }),
    };
  }

  /** What nobody gave beforehand; the failure where it stays unknown. */
  async #askForMissing(): Promise<Failure | undefined> {
    const { current } = this.#credentials;
    const wanted = missingOf(current);
    if (wanted.length === 0) return undefined;
    const { userName } = current;
    const prompt = { kind: 'credentials', ...(userName !== undefined && { userName }), wanted } as const;
    const reply = await this.#prompter.put(prompt);
    if (reply.answered && this.#credentials.learn(prompt, reply.answer)) return undefined;
    if (!reply.answered && reply.why === 'cancelled') return failure('user.stopped');
    const what = wanted.map((each) => wordsOf[each]).join(' and ');
    return this.#failed(failure('credentials.missing', { what, how: 'Connect again and type it when asked.' }));
  }

  /** Whether the user gave something else to try. What the gateway refused is never sent again by itself (field note 15). */
  async #askAfter(ended: Failure): Promise<boolean> {
    const prompt = promptAfter(ended, this.#credentials.current);
    if (prompt === undefined || !this.#helps(prompt)) return false;
    const reply = await this.#prompter.put<(typeof prompt)['kind']>(prompt);
    return reply.answered && this.#credentials.learn(prompt, reply.answer);
  }

  /** Where no password is sent, another one changes nothing. */
  #helps(prompt: Prompt): boolean {
    const isForPassword = prompt.kind === 'credentials' && prompt.wanted.includes('password');
    return !isForPassword || needsPassword(this.#options.profile);
  }

  #prompting(kind: Prompt['kind'] | undefined): void {
    if (kind === undefined) {
      this.#state = 'dialling';
      return;
    }
    this.#state = 'prompting';
    this.#options.onEvent({ event: 'prompting', kind });
  }

  async #dial(attempt: number): Promise<Failure> {
    const { onEvent, profile, certificates } = this.#options;
    this.#state = 'dialling';
    onEvent({ event: 'dialling', attempt, gateway: profile.gateway });
    // Whoever forgot to read it does not connect by less.
    if (certificates === undefined && profile.ipsec.certificate !== undefined) {
      const how = 'Connect with "culvert connect", which reads it from the files that the profile names.';
      return this.#failed(failure('credentials.missing', { what: "profile's certificate", how }));
    }
    const over = certificates && outOfTime(certificates.summary, Date.now());
    if (over !== undefined) return this.#failed(over);
    const helper = await this.#openHelper();
    if (!helper.ok) return this.#failed(helper.failure);
    const address = await this.#lookUp();
    if (!address.ok) return this.#failed(address.failure);
    if (this.#stopped()) return failure('user.stopped');
    const code = await this.#askForCode();
    if (!code.ok) return this.#failed(code.failure);
    this.#attempt = this.#newAttempt(helper.value, address.value, attempt, code.value);
    const ended = await this.#attempt.run();
    this.#attempt = undefined;
    if (ended.code === 'helper.lost') {
      this.#failed(ended);
      this.#helper = undefined;
    } else {
      await this.#withdrawPlan(address.value);
    }
    return ended;
  }

  /** For the end of the password, anew for each dial: no code works twice. Nothing where the profile wants none. */
  async #askForCode(): Promise<Result<string>> {
    if (this.#options.profile.ppp.oneTimeCode === 'never') return { ok: true, value: '' };
    const text = 'One-time code';
    const reply = await this.#prompter.put({ kind: 'challenge', text, masked: false });
    if (reply.answered) return { ok: true, value: reply.answer.response.expose() };
    if (reply.why === 'cancelled') return { ok: false, failure: failure('user.stopped') };
    return { ok: false, failure: failure('auth.challengeUnanswered', { text: `: "${text}"` }) };
  }

  async #askInSession(prompt: PromptInSession, withdrawn: AbortSignal): Promise<Reply<{ readonly text: string }>> {
    const reply = await this.#prompter.put<PromptInSession['kind']>(prompt, withdrawn);
    if (!reply.answered) return reply;
    const { answer } = reply;
    if (answer.kind === 'newPassword') this.#credentials.learn(prompt, answer);
    const typed = answer.kind === 'newPassword' ? answer.password : answer.response;
    return { answered: true, answer: { text: typed.expose() } };
  }

  #newAttempt(helper: Helper, gatewayAddress: string, attempt: number, code: string): Attempt {
    const { certificates, tunnelSecret, ...rest } = this.#options;
    const { userName = '', password = '', preSharedKey, newPassword } = this.#credentials.current;
    return new Attempt(
      helper,
      rest.crypto,
      {
        name: rest.name,
        profile: this.#profile(),
        gatewayAddress,
        preSharedKey: preSharedKey?.expose() ?? new Uint8Array(),
        ...(certificates !== undefined && { certificates: certificates.ike }),
        ...(tunnelSecret !== undefined && { tunnelSecret: tunnelSecret.expose() }),
        userName,
        password: password + code,
        userWaitMs: rest.ask === undefined ? 0 : userWaitMs,
        ...(newPassword !== undefined && { newPassword }),
        hostName: hostname(),
        attempt,
        kernelHasIpv6: kernelHasIpv6(),
      },
      {
        event: (event) => {
          this.#observe(event);
        },
        log: rest.onLog,
        ...(certificates !== undefined && { judge: certificates.judge }),
        carried: (carried) => {
          this.#carried = carried;
          rest.onTraffic?.(carried);
        },
        passwordChanged: () => {
          this.#credentials.passwordChanged();
        },
        ask: (prompt, withdrawn) => this.#askInSession(prompt, withdrawn),
      },
      rest.eapTls,
    );
  }

  /** With the identity that the user let the gateway have. */
  #profile(): Profile {
    const { profile } = this.#options;
    const { remoteId } = this.#credentials.current;
    return remoteId === undefined ? profile : { ...profile, ipsec: { ...profile.ipsec, remoteId } };
  }

  #observe(event: ConnectionEvent): void {
    if (event.event === 'phase') this.#phase = event.phase;
    if (event.event === 'phase' && event.state === 'done') {
      for (const learned of this.#credentials.provenIn(event.phase)) this.#options.onLearned?.(learned);
    }
    if (event.event === 'connected') {
      this.#state = 'connected';
      this.#connectedAtMs = performance.now();
      this.#summary = event.connection;
    }
    this.#options.onEvent(event);
  }

  #failed(reason: Failure): Failure {
    this.#options.onEvent({ event: 'failed', atMs: 0, failure: reason });
    return reason;
  }

  async #openHelper(): Promise<Result<Helper>> {
    if (this.#helper !== undefined) return { ok: true, value: this.#helper };
    const opened = await this.#options.openHelper();
    if (opened.ok) {
      this.#helper = opened.value;
      const forget = (): void => {
        this.#helper = undefined;
      };
      opened.value.broker.onLost = forget;
      opened.value.datapath.onLost = forget;
      if (opened.value.recovered) {
        this.#options.onEvent({ event: 'note', atMs: 0, text: 'Undid what an earlier run had left in the network.' });
      }
    }
    return opened;
  }

  /** A known address is good enough when the name cannot be looked up again (the kill switch blocks the name servers). */
  async #lookUp(): Promise<Result<string>> {
    const { profile, onEvent } = this.#options;
    const startedMs = performance.now();
    this.#phase = 'nameLookup';
    onEvent({ event: 'phase', phase: 'nameLookup', state: 'started', atMs: 0 });
    const found = await resolveGateway(profile.gateway);
    const tookMs = performance.now() - startedMs;
    if (found.ok) this.#lastAddress = found.value;
    if (this.#lastAddress === undefined) return found;
    onEvent({ event: 'phase', phase: 'nameLookup', state: 'done', atMs: tookMs, tookMs, detail: this.#lastAddress });
    return { ok: true, value: this.#lastAddress };
  }

  /** Between two attempts the network is as while dialling; in the end there is nothing of ours in it. */
  async #withdrawPlan(gatewayAddress: string): Promise<void> {
    await this.#apply(this.#stopped() ? { routes: [] } : preparationPlan(this.#options.profile, gatewayAddress));
  }

  async #restoreNetwork(): Promise<void> {
    await this.#apply({ routes: [] });
    this.#helper?.close();
    this.#helper = undefined;
  }

  async #apply(plan: NetworkPlan): Promise<void> {
    try {
      await this.#helper?.broker.request({ kind: 'applyPlan', plan });
    } catch (error) {
      // The helper undoes everything by itself when it hangs up or dies.
      this.#options.onLog('engine', `withdrawing the network plan: ${String(error)}`);
      this.#helper?.close();
      this.#helper = undefined;
    }
  }
}

function kernelHasIpv6(): boolean {
  const disabled = '/proc/sys/net/ipv6/conf/all/disable_ipv6';
  return existsSync(disabled) && readFileSync(disabled, 'utf8').trim() === '0';
}
