import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectionEvent, connectionEvent } from '../../main/contracts/events.ts';
import type { Failure } from '../../main/contracts/failure.ts';
import { childOf, type HelperProcesses, helperProcesses } from './helper-processes.ts';
import type { ServiceUser } from './helper-service.ts';
import type { Machine } from './namespaces.ts';
import { password, preSharedKey, userName } from './peers/credentials.ts';
import { officeRoute } from './peers/office.ts';
import { delay, eventually, type Finished, type Running } from './processes.ts';
import { inRepository } from './repository.ts';
import { removeScratch, scratchFolder } from './scratch.ts';
import { asUser, giveFolder } from './users.ts';

export interface CulvertOptions {
  readonly gateway: string;
  /** Merged into the profile, member by member at the top and one level below. */
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly user?: string;
  readonly password?: string;
  readonly flags?: readonly string[];
  /** An earlier run's, instead of a fresh one. */
  readonly folder?: string;
  /** Who runs it, instead of root. */
  readonly as?: ServiceUser;
  /** `unlimited`: a crash would leave a core (setrlimit RLIMIT_CORE). */
  readonly coreLimit?: 'unlimited';
}

/** `culvert connect` under way on a machine of the test network. */
export interface Culvert {
  readonly process: Running;
  /** Its runtime and state folders and its profile. */
  readonly folder: string;
  events(): ConnectionEvent[];
  /** Resolves with the first event that fits; throws when the program ends without one. */
  until(fits: (event: ConnectionEvent) => boolean, timeoutMs?: number): Promise<ConnectionEvent>;
  connected(timeoutMs?: number): Promise<Extract<ConnectionEvent, { event: 'connected' }>['connection']>;
  failed(timeoutMs?: number): Promise<Failure>;
  /** Ctrl-C, and waits for the end. */
  stop(): Promise<Finished>;
  /** Runs another of its commands, beside it. */
  command(...argv: string[]): Promise<Finished>;
  /** Processes of the native helper, by role. */
  helperProcesses(): Promise<HelperProcesses>;
  cleanUp(): Promise<void>;
}

const program = inRepository('dist/culvert.js');

export function testProfile(gateway: string, members: Readonly<Record<string, unknown>> = {}): object {
  const standard: Readonly<Record<string, unknown>> = {
    version: 1,
    name: 'test',
    gateway,
    ipsec: { preSharedKey },
    network: { mode: 'split', routes: [officeRoute, '192.168.30.0/24', '10.99.0.0/24'] },
    reconnect: { enabled: false },
  };
  const merged = Object.entries(members).map(([name, value]) => {
    const before = standard[name];
    const nested = typeof before === 'object' && typeof value === 'object' ? { ...before, ...value } : value;
    return [name, nested] as const;
  });
  return { ...standard, ...Object.fromEntries(merged) };
}

/** `culvert connect` on a terminal, with somebody before it. */
export interface TypedCulvert {
  readonly process: Running;
  /** What the terminal shows. */
  shown(): string;
  /** Waits for `question`, then types the answer; what was asked before is not waited for again. */
  answer(question: RegExp, text: string): Promise<void>;
  /** Waits until it is shown, after what was answered. */
  until(pattern: RegExp, timeoutMs?: number): Promise<void>;
  cleanUp(): Promise<void>;
}

export function startTypedCulvert(machine: Machine, options: CulvertOptions): TypedCulvert {
  const folder = scratchFolder('culvert');
  const profilePath = join(folder, 'profile.json');
  writeFileSync(profilePath, JSON.stringify(testProfile(options.gateway, options.profile)), { mode: 0o600 });
  const env = { CULVERT_RUNTIME_DIR: join(folder, 'run'), CULVERT_STATE_DIR: join(folder, 'state') };
  const argv = [process.execPath, program, 'connect', profilePath, '--user', options.user ?? userName];
  const running = machine.spawn(['script', '-qefc', argv.join(' '), '/dev/null'], { env, keepsInput: true });
  let seen = 0;
  const until = async (pattern: RegExp, timeoutMs = 60_000): Promise<void> => {
    const found = await eventually(`the terminal to show ${String(pattern)}`, timeoutMs, () => {
      const match = pattern.exec(running.stdout().slice(seen));
      return match === null ? undefined : match.index + match[0].length;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${running.stdout()}${running.stderr()}`, { cause: error });
    });
    seen += found;
  };
  return {
    process: running,
    shown: () => running.stdout(),
    until,
    answer: async (question, text) => {
      await until(question);
      running.write(`${text}\r`);
    },
    cleanUp: async () => {
      running.write('\u0003');
      await Promise.race([running.exited, delay(5000)]);
      await running.stop();
      removeScratch(folder);
    },
  };
}

/** Folders of its own, and for an ordinary user also where theirs would be. */
export function culvertEnvironment(folder: string, user: ServiceUser | undefined): Record<string, string> {
  const own = { CULVERT_RUNTIME_DIR: join(folder, 'run'), CULVERT_STATE_DIR: join(folder, 'state') };
  if (user === undefined) return own;
  return { ...own, CULVERT_HELPER_SERVICE: user.serviceSocket, XDG_RUNTIME_DIR: folder, HOME: folder };
}

export function startCulvert(on: Machine, options: CulvertOptions): Culvert {
  const folder = options.folder ?? scratchFolder('culvert');
  const profilePath = join(folder, 'profile.json');
  writeFileSync(profilePath, JSON.stringify(testProfile(options.gateway, options.profile)), { mode: 0o600 });
  const env = culvertEnvironment(folder, options.as);
  if (options.as !== undefined) giveFolder(folder, options.as);
  const machine = options.as === undefined ? on : asUser(on, options.as);
  const flags = ['--json', '--user', options.user ?? userName, '--password-stdin', ...(options.flags ?? [])];
  const limit = options.coreLimit === undefined ? [] : ['prlimit', `--core=${options.coreLimit}`];
  const running = machine.spawn([...limit, process.execPath, program, 'connect', profilePath, ...flags], {
    input: `${options.password ?? password}\n`,
    env,
  });
  let over = false;
  void running.exited.then(() => (over = true));

  const events = (): ConnectionEvent[] =>
    running
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => connectionEvent.parse(JSON.parse(line)));
  const until = (fits: (event: ConnectionEvent) => boolean, timeoutMs = 60_000): Promise<ConnectionEvent> =>
    eventually('an event of culvert', timeoutMs, () => {
      const found = events().find(fits);
      if (found === undefined && over) throw new Error(`culvert ended:\n${running.stdout()}${running.stderr()}`);
      return found;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${running.stdout()}${running.stderr()}`, { cause: error });
    });

  return {
    process: running,
    folder,
    events,
    until,
    connected: async (timeoutMs) => {
      const event = await until(({ event: name }) => name === 'connected' || name === 'failed', timeoutMs);
      if (event.event !== 'connected') throw new Error(`it did not connect:\n${running.stdout()}${running.stderr()}`);
      return event.connection;
    },
    failed: async (timeoutMs) => {
      const event = await until(({ event: name }) => name === 'failed', timeoutMs);
      if (event.event !== 'failed') throw new Error('unreachable');
      return event.failure;
    },
    stop: () => {
      running.signal('SIGINT');
      return running.exited;
    },
    command: (...argv) => machine.exec([process.execPath, program, ...argv], { env, allowFailure: true }),
    // As root it starts the helper itself, and nothing else.
    helperProcesses: async () => helperProcesses(await childOf(running.pid)),
    cleanUp: async () => {
      await running.stop();
      removeScratch(folder);
    },
  };
}
