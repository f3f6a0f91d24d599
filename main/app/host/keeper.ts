import { existsSync } from 'node:fs';
import type { HostSlice } from '../../contracts/app-state/host.ts';
import type { LogLine } from '../../contracts/app-state/log.ts';
import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import { hostControl } from '../../contracts/host-control.ts';
import type { HostChoices } from '../../contracts/host-guide.ts';
import { askControl } from '../../engine/control-socket.ts';
import type { HostFolders } from '../../engine/folders.ts';
import { openAuthority } from '../../host/authority/index.ts';
import { serveHostControl } from '../../host/control/index.ts';
import { setUpHost } from '../../host/guide/index.ts';
import { startHost, type LogLine as HostLine, type RunningHost } from '../../host/service/index.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { guarded, refusedConfiguration } from './failures.ts';
import type { OnFile } from './on-file.ts';

interface Surroundings {
  readonly version: string;
  readonly folders: HostFolders;
  readonly onFile: OnFile;
  readonly onSlice: (slice: HostSlice) => void;
  readonly log: (level: LogLine['level'], source: string, text: string) => void;
}

/** How often the window is told of a host in which nothing happens but traffic. */
const refreshMs = 2500;
/** Whatever happens at once is told once. */
const gatherMs = 200;

const done: Result<undefined> = { ok: true, value: undefined };
const levels = { info: 'info', warning: 'warning', detail: 'debug' } as const satisfies Record<
  HostLine['level'],
  string
>;

/** The user's own host: turned on and off, and what the window shows of it. */
export class HostKeeper {
  readonly #surroundings: Surroundings;
  #running: RunningHost | undefined;
  #over: Promise<void> = Promise.resolve();
  #starting: Promise<Result<undefined>> | undefined;
  #revision = 0;
  #failure: Failure | undefined;
  #isStopping = false;
  #telling: NodeJS.Timeout | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  get running(): RunningHost | undefined {
    return this.#running;
  }

  get folders(): HostFolders {
    return this.#surroundings.folders;
  }

  /** At the app's start: a host that was on is turned on again. */
  async begin(): Promise<void> {
    await this.#tellOff();
    if (this.#isSetUp && this.#surroundings.onFile.isOn) await this.turnOn();
  }

  async setUp(choices: HostChoices): Promise<Result<undefined>> {
    const made = await setUpHost(choices, this.folders.configFile, this.folders);
    if (!made.ok) return made;
    this.#surroundings.log('info', 'host', `a host is set up in ${made.value.configFile}`);
    return this.turnOn();
  }

  turnOn(): Promise<Result<undefined>> {
    if (this.#running !== undefined) return Promise.resolve(done);
    this.#starting ??= guarded(() => this.#start()).then(async (started) => {
      this.#starting = undefined;
      if (started.ok) return started;
      this.#failure = started.failure;
      this.#surroundings.log('error', 'host', started.failure.cause);
      await this.#tellOff();
      return started;
    });
    return this.#starting;
  }

  /** Says goodbye to everybody; the host stays off at the next start. */
  async turnOff(): Promise<void> {
    this.#surroundings.onFile.set(false);
    await this.stop();
  }

  /** As `turnOff`, for when the app ends: the next start turns it on again. */
  async stop(): Promise<void> {
    await this.#starting;
    if (this.#running === undefined) return;
    this.#isStopping = true;
    this.#surroundings.onSlice({ at: 'stopping' });
    this.#running.stop();
    await this.#over;
  }

  /** Something that is read by calls has changed. */
  changed(): void {
    this.#revision += 1;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#tell();
    }, gatherMs);
  }

  get #isSetUp(): boolean {
    return existsSync(this.folders.configFile);
  }

  async #start(): Promise<Result<undefined>> {
    const { version, folders, onFile, onSlice, log } = this.#surroundings;
    const { configFile } = folders;
    if (!this.#isSetUp) return { ok: false, failure: failure('host.notSetUp', { file: configFile }) };
    this.#failure = undefined;
    const pid = await this.#elsewhere();
    if (pid !== undefined) return { ok: false, failure: failure('host.elsewhere', { pid }) };
    onSlice({ at: 'starting' });
    const started = await startHost({
      configFile,
      folders,
      version,
      openAuthority,
      log: ({ level, source, text }) => {
        log(levels[level], source === 'host' ? source : `host ${source}`, text);
      },
      recorded: () => {
        this.changed();
      },
    });
    if (!started.ok) {
      return { ok: false, failure: 'errors' in started ? refusedConfiguration(started.errors) : started.failure };
    }
    onFile.set(true);
    await this.#keep(started.host);
    return done;
  }

  /** Until it is over, whoever ends it. */
  async #keep(host: RunningHost): Promise<void> {
    const { folders, log } = this.#surroundings;
    this.#running = host;
    this.#isStopping = false;
    const control = await serveHostControl(folders.controlSocket, host).catch((error: unknown) => {
      log('warning', 'host', `"culvert host" will not reach this host: ${describeSystemError(error)}`);
      return undefined;
    });
    const refresh = setInterval(() => {
      this.#tell();
    }, refreshMs);
    this.#over = host.run().then(async (reason) => {
      clearInterval(refresh);
      control?.close();
      this.#running = undefined;
      if (reason.code !== 'user.stopped') {
        this.#failure = reason;
        log('error', 'host', reason.cause);
      }
      await this.#tellOff();
    });
    log('info', 'host', 'the host is on');
    this.#tell();
  }

  #tell(): void {
    const { onSlice } = this.#surroundings;
    if (this.#running === undefined) void this.#tellOff();
    else if (!this.#isStopping) onSlice({ at: 'on', revision: this.#revision, status: this.#running.status() });
  }

  async #tellOff(): Promise<void> {
    const { onSlice } = this.#surroundings;
    const pid = this.#running === undefined ? await this.#elsewhere() : undefined;
    // A start may have been quicker.
    if (this.#running !== undefined || this.#starting !== undefined) return;
    if (pid !== undefined) onSlice({ at: 'elsewhere', processId: pid });
    else if (!this.#isSetUp) onSlice({ at: 'absent' });
    else
      onSlice({ at: 'off', revision: this.#revision, ...(this.#failure !== undefined && { failure: this.#failure }) });
  }

  /** The process of a host that this user runs outside the app. */
  async #elsewhere(): Promise<number | undefined> {
    const asked = await askControl(this.folders.controlSocket, hostControl, { request: 'status' });
    return asked.reached && asked.answer.answer === 'status' ? asked.answer.status.processId : undefined;
  }
}
