import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostControl, type HostAnswer, type HostRequest, type HostSession } from '../../main/contracts/host-control.ts';
import { Secret } from '../../main/contracts/secret.ts';
import { askControl } from '../../main/engine/control-socket.ts';
import { type NewUser, openUserStore } from '../../main/host/users/index.ts';
import { culvertEnvironment } from './culvert.ts';
import type { ServiceUser } from './helper-service.ts';
import type { Machine } from './namespaces.ts';
import { preSharedKey } from './peers/credentials.ts';
import type { Finished, Running } from './processes.ts';
import { inRepository } from './repository.ts';
import { removeScratch, scratchFolder } from './scratch.ts';
import { asUser, giveFolder } from './users.ts';

export interface CulvertHostOptions {
  /** Members of the configuration, beside or instead of those that make it listen at the machine's address. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly users: readonly { readonly user: NewUser; readonly password: string }[];
  /** Who runs it, instead of root: `command` asks it then, `ask` does not. */
  readonly as?: ServiceUser;
  /** For Node itself. */
  readonly nodeFlags?: readonly string[];
  /** An earlier run's, whose users and leases are still there. */
  readonly folder?: string;
}

/** `culvert host run` on a machine of the test network. */
export interface CulvertHost {
  readonly process: Running;
  /** Its configuration, its users, its runtime and state folders. */
  readonly folder: string;
  ask(request: HostRequest): Promise<HostAnswer>;
  sessions(): Promise<readonly HostSession[]>;
  /** Runs another of its commands, beside it. */
  command(...argv: string[]): Promise<Finished>;
  /** The same, with something on its standard input. */
  commandWith(input: string, ...argv: string[]): Promise<Finished>;
  /** Ctrl-C, and waits for the end. */
  stop(): Promise<Finished>;
  cleanUp(): Promise<void>;
}

const program = inRepository('dist/culvert.js');
const startMs = 30_000;

/** Resolves once it lets clients in. */
export async function startCulvertHost(on: Machine, options: CulvertHostOptions): Promise<CulvertHost> {
  const folder = options.folder ?? scratchFolder('host');
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'host.json');
  const localUsers = { file: join(folder, 'users', 'users.store'), keyFile: join(folder, 'users', 'users.key') };
  const config = {
    version: 1,
    listen: { addresses: [on.address] },
    preSharedKey,
    pools: { clients: { ranges: ['10.64.0.0/18'] } },
    localUsers,
    audit: { file: join(folder, 'audit', 'audit.jsonl') },
    certificateAuthority: { folder: 'ca' },
    ...options.config,
  };
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  await addUsers(openUserStore(localUsers.file, { kind: 'file', file: localUsers.keyFile }), options.users);
  const env = culvertEnvironment(folder, options.as);
  if (options.as !== undefined) giveFolder(folder, options.as);
  const machine = options.as === undefined ? on : asUser(on, options.as);
  const running = machine.spawn(
    [process.execPath, ...(options.nodeFlags ?? []), program, 'host', 'run', '--config', configFile, '--json'],
    { env },
  );
  await running.until(/"event":"started"/, startMs);
  const ask = async (request: HostRequest): Promise<HostAnswer> => {
    const asked = await askControl(join(folder, 'run', 'control', 'host', 'control.sock'), hostControl, request);
    if (!asked.reached) throw new Error(`the host's control socket: ${asked.why}\n${running.stderr()}`);
    return asked.answer;
  };
  const command = (input: string, argv: readonly string[]): Promise<Finished> =>
    machine.exec([process.execPath, program, 'host', ...argv], { env, input, allowFailure: true });
  return {
    process: running,
    folder,
    ask,
    sessions: () => allSessions(ask),
    command: (...argv) => command('', argv),
    commandWith: (input, ...argv) => command(input, argv),
    stop: () => {
      running.signal('SIGINT');
      return running.exited;
    },
    cleanUp: async () => {
      await running.stop();
      removeScratch(folder);
    },
  };
}

async function addUsers(store: ReturnType<typeof openUserStore>, users: CulvertHostOptions['users']): Promise<void> {
  const known = await store.list();
  const names = new Set(known.ok ? known.value.map(({ name }) => name) : []);
  for (const { user, password } of users) {
    if (names.has(user.name)) continue;
    const added = await store.add(user, new Secret(password));
    if (!added.ok) throw new Error(`${user.name}: ${added.failure.reason}`);
  }
}

async function allSessions(ask: CulvertHost['ask']): Promise<readonly HostSession[]> {
  const sessions: HostSession[] = [];
  for (let after: number | undefined; ;) {
    const answer = await ask({ request: 'sessions', limit: 200, ...(after !== undefined && { after }) });
    if (answer.answer !== 'sessions') throw new Error(JSON.stringify(answer));
    sessions.push(...answer.sessions);
    if (answer.next === undefined) return sessions;
    after = answer.next;
  }
}
