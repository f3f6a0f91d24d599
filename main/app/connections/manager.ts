import type { ConnectionSlice, ConnectionTarget } from '../../contracts/app-state/connection.ts';
import type { LogLine } from '../../contracts/app-state/log.ts';
import type { TrafficSample, TrafficSlice } from '../../contracts/app-state/traffic.ts';
import type { ConnectionEvent } from '../../contracts/events.ts';
import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import { type Profile, securityLevels } from '../../contracts/profile.ts';
import type { Secret } from '../../contracts/secret.ts';
import { startElevatedHelper } from '../../elevation/index.ts';
import type { AskPassphrase, OpenedCertificates } from '../../dialling/client-certificates.ts';
import { Connection } from '../../engine/connection.ts';
import { createCrypto } from '../../engine/crypto/index.ts';
import { helperFolders } from '../../engine/folders.ts';
import { openHelper } from '../../engine/open-helper.ts';
import { Prompter } from '../../engine/prompter.ts';
import { secretFromText } from '../../profiles/secrets.ts';
import type { Learned } from '../../engine/credentials.ts';
import type { Dialable } from '../profiles/desk.ts';
import type { PromptDesk } from '../prompts/desk.ts';
import { findBusy, serveConnection } from './control.ts';
import { HelperSource } from '../../engine/helper-source.ts';
import { logLineOf } from './log-line.ts';
import { noTraffic, TrafficHistory } from './traffic.ts';
import { dialling, viewAfter } from './view.ts';

interface Surroundings {
  readonly profile: (id: string) => Promise<Result<Dialable>>;
  readonly prompts: PromptDesk;
  readonly onView: (view: ConnectionSlice) => void;
  readonly onTraffic: (traffic: TrafficSlice) => void;
  readonly log: (level: LogLine['level'], source: string, text: string) => void;
}

export interface ConnectWish {
  readonly profile: string;
  readonly allowOlder?: true;
  readonly elevate?: true;
}

/** One from the click until the network is as it was. */
interface Run {
  readonly target: ConnectionTarget;
  readonly stopping: AbortController;
  readonly over: Promise<void>;
}

/** The app's one connection: a wish for another ends it first. */
export class ConnectionManager {
  readonly #surroundings: Surroundings;
  readonly #traffic = new TrafficHistory();
  #view: ConnectionSlice = { at: 'idle' };
  #run: Run | undefined;
  /** The newest one counts, where several come while an earlier connection is ending. */
  #wish: ConnectWish | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  get trafficSamples(): readonly TrafficSample[] {
    return this.#traffic.samples;
  }

  async connect(wish: ConnectWish): Promise<Result<undefined>> {
    this.#wish = wish;
    const found = await this.#surroundings.profile(wish.profile);
    if (!found.ok) return found;
    await this.#endRun();
    const { trial } = found.value;
    if (this.#wish !== wish) {
      await trial?.over();
      return done;
    }
    const { name, gateway } = found.value.profile;
    const target = { profile: wish.profile, name, gateway };
    const stopping = new AbortController();
    const helper = helperSource(name, found.value, wish);
    const over = this.#dial(target, withWish(found.value, wish), helper, stopping.signal).finally(async () => {
      helper.close();
      await trial?.over();
      this.#run = undefined;
    });
    this.#run = { target, stopping, over };
    return done;
  }

  /** Resolves when the network is as it was. */
  async disconnect(): Promise<void> {
    this.#wish = undefined;
    await this.#endRun();
  }

  dismiss(): void {
    if (this.#view.at === 'failed') this.#show({ at: 'idle' });
  }

  async #endRun(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#show({ at: 'stopping', target: run.target });
    run.stopping.abort();
    await run.over;
  }

  async #dial(target: ConnectionTarget, dialable: Dialable, helper: HelperSource, signal: AbortSignal): Promise<void> {
    this.#show(dialling(target));
    this.#traffic.clear();
    this.#surroundings.onTraffic(noTraffic);
    const prepared = await this.#prepare(target, dialable, helper, signal);
    if (!prepared.ok) {
      const { failure: reason } = prepared;
      if (reason.code !== 'user.stopped') this.#observe({ event: 'failed', atMs: 0, failure: reason });
      this.#observe({ event: 'disconnected', failure: reason });
      this.#ended(reason);
      return;
    }
    const connection = prepared.value;
    const running = connection.run();
    const stop = (): void => {
      connection.stop();
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const control = serveConnection(target.name, connection, running).catch((error: unknown) => {
      this.#surroundings.log('warning', 'app', `"culvert status" will not see this connection: ${String(error)}`);
    });
    this.#ended(await running);
    (await control)?.();
  }

  /** Nobody is asked for anything in vain: what keeps it from connecting on this machine comes first. */
  async #prepare(
    target: ConnectionTarget,
    dialable: Dialable,
    helper: HelperSource,
    signal: AbortSignal,
  ): Promise<Result<Connection>> {
    const lacking = (await findBusy(target.name)) ?? (await helper.prepare(signal));
    if (lacking !== undefined) return { ok: false, failure: lacking };
    const prompter = new Prompter(this.#surroundings.prompts.askFor(target.name), signal);
    const certificates = await dialable.certificates((...asked) => askPassphrase(prompter, ...asked));
    if (!certificates.ok) return certificates;
    return { ok: true, value: await this.#connection(target, dialable, helper, certificates.value) };
  }

  async #connection(
    target: ConnectionTarget,
    dialable: Dialable,
    helper: HelperSource,
    { ike, eapTls }: OpenedCertificates,
  ): Promise<Connection> {
    const { prompts, log } = this.#surroundings;
    return new Connection({
      name: target.name,
      profile: dialable.profile,
      userName: dialable.profile.user,
      password: dialable.password,
      preSharedKey: dialable.preSharedKey,
      ...(dialable.tunnelSecret !== undefined && { tunnelSecret: dialable.tunnelSecret }),
      ...(ike !== undefined && { certificates: ike }),
      ...(eapTls !== undefined && { eapTls }),
      ask: prompts.askFor(target.name),
      onLearned: (learned: Learned) => {
        void dialable.learned(learned).then((note) => {
          if (note !== undefined) log('warning', 'app', note);
        });
      },
      secretFromText,
      crypto: await createCrypto(),
      openHelper: () => helper.open(),
      onEvent: (event: ConnectionEvent) => {
        this.#observe(event);
        if (event.event === 'connected') dialable.trial?.carrySomething();
      },
      onLog: (source: string, text: string) => {
        log('debug', source, text);
      },
      onTraffic: (carried: { readonly receivedBytes: bigint; readonly sentBytes: bigint }) => {
        this.#surroundings.onTraffic(this.#traffic.add({ at: Date.now(), ...carried }));
      },
    });
  }

  #observe(event: ConnectionEvent): void {
    const { log } = this.#surroundings;
    const line = logLineOf(event);
    if (line !== undefined) log(...line);
    // While it is being ended, what it says is for the log alone; its end is `#ended`'s.
    if (this.#view.at === 'stopping' || event.event === 'disconnected') return;
    this.#show(viewAfter(this.#view, event, Date.now()));
  }

  #ended(reason: Failure): void {
    if (this.#view.at === 'stopping') this.#show({ at: 'idle' });
    else this.#show(viewAfter(this.#view, { event: 'disconnected', failure: reason }, Date.now()));
  }

  #show(view: ConnectionSlice): void {
    this.#view = view;
    this.#surroundings.onView(view);
  }
}

const done = { ok: true, value: undefined } as const;

async function askPassphrase(
  prompter: Prompter,
  ...[file, member, isAgain]: Parameters<AskPassphrase>
): Promise<Result<Secret<string>>> {
  const prompt = { kind: 'certificatePassphrase', file, ...(isAgain && { isAgain }) } as const;
  const reply = await prompter.put<'certificatePassphrase'>(prompt);
  if (reply.answered) return { ok: true, value: reply.answer.passphrase };
  const isTimeUp = reply.why === 'timeUp';
  return {
    ok: false,
    failure: isTimeUp ? failure('ownCertificate.passphrase', { member, file }) : failure('user.stopped'),
  };
}

function helperSource(name: string, { trial }: Dialable, wish: ConnectWish): HelperSource {
  if (trial !== undefined) return new HelperSource(trial.openHelper);
  const folders = helperFolders(name);
  const open = () => openHelper(folders);
  return wish.elevate === true ? new HelperSource(open, () => startElevatedHelper(folders)) : new HelperSource(open);
}

function withWish(dialable: Dialable, wish: ConnectWish): Dialable {
  const { profile } = dialable;
  if (wish.allowOlder !== true) return dialable;
  const level = securityLevels.indexOf(profile.ipsec.security) + 1;
  const ipsec: Profile['ipsec'] = { ...profile.ipsec, security: securityLevels[level] ?? 'legacy' };
  // An exact list was too strict as well.
  delete ipsec.ikeProposals;
  delete ipsec.espProposals;
  return { ...dialable, profile: { ...profile, ipsec } };
}
