import { type ConnectionAnswer, connectionControl, type ConnectionEvent } from '../contracts/events.ts';
import { failure, type Failure, phases, type Result } from '../contracts/failure.ts';
import type { IdentityForm, Profile } from '../contracts/profile.ts';
import type { Secret } from '../contracts/secret.ts';
import { Connection } from '../engine/connection.ts';
import { needsPassword } from '../engine/credentials.ts';
import { askControl, serveControl } from '../engine/control-socket.ts';
import { createCrypto } from '../engine/crypto/index.ts';
import { controlSocketPath, helperFolders } from '../engine/folders.ts';
import { openHelper } from '../engine/open-helper.ts';
import { describeSystemError, loadProfile } from '../profiles/load.ts';
import { readEapTls } from '../profiles/eap-tls.ts';
import { resolveSecret, secretFromText } from '../profiles/secrets.ts';
import { describeEvent, describeFailure } from './present.ts';
import { whoCanBeAsked } from './terminal-prompts.ts';
import { keepSecretsOutOfCores, promptSecret, SecretInput } from './secrets.ts';

export interface ConnectFlags {
  readonly user?: string;
  readonly passwordStdin?: true;
  readonly pskStdin?: true;
  readonly newPasswordStdin?: true;
  readonly name?: string;
  readonly json?: true;
  readonly verbose?: true;
}

interface Credentials {
  readonly userName: string;
  readonly password: string;
  readonly preSharedKey: Secret;
  readonly tunnelSecret?: Secret;
  readonly newPassword?: string;
}

/** Connects, stays, and returns the exit code. */
export async function connectCommand(file: string, flags: ConnectFlags): Promise<number> {
  keepSecretsOutOfCores();
  const json = flags.json === true;
  const loaded = await loadProfile(file);
  if (!loaded.ok) return refuse(loaded.failure, json);
  const profile = loaded.value;
  const name = flags.name ?? profile.name;
  const running = await findRunning(name);
  if (running !== undefined) return refuse(running, json);
  const credentials = await gatherCredentials(profile, file, flags);
  if (!credentials.ok) return refuse(credentials.failure, json);
  // Typing takes a while: another terminal may have been faster.
  const faster = await findRunning(name);
  if (faster !== undefined) return refuse(faster, json);
  const eapTls = await readEapTls(profile, file);
  if (!eapTls.ok) return refuse(eapTls.failure, json);
  const ask = whoCanBeAsked(json);
  const connection = new Connection({
    name,
    profile,
    ...credentials.value,
    ...(ask !== undefined && { ask }),
    eapTls: eapTls.value,
    onLearned: (learned) => {
      if (learned.what === 'remoteId') console.error(howToPin(learned.remoteId));
    },
    secretFromText,
    crypto: await createCrypto(),
    openHelper: () => openHelper(helperFolders(name)),
    onEvent: (event) => {
      print(event, json);
    },
    onLog: (source, text) => {
      if (flags.verbose === true) console.error(`[${source}] ${text}`);
    },
  });
  return runConnection(connection, name);
}

/** The failure that a connection of this name which runs already is. */
async function findRunning(name: string): Promise<Failure | undefined> {
  const asked = await askControl(controlSocketPath(name), connectionControl, { request: 'status' });
  if (!asked.reached || asked.answer.answer !== 'status') return undefined;
  return failure('connection.busy', { name, pid: asked.answer.status.processId });
}

async function runConnection(connection: Connection, name: string): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      connection.stop();
    });
  }
  // Whoever read the output has gone ("culvert connect … | head"): there is nobody left to stay for.
  process.stdout.on('error', () => {
    connection.stop();
  });
  const running = connection.run();
  const control = serveControl(
    controlSocketPath(name),
    connectionControl,
    async (request): Promise<ConnectionAnswer> => {
      if (request.request === 'status') return { answer: 'status', status: connection.status() };
      connection.stop();
      await running;
      return { answer: 'disconnected' };
    },
  ).catch((error: unknown) => {
    console.error(
      `"culvert status" and "culvert disconnect" will not see this connection: ${describeSystemError(error)}`,
    );
  });
  const ended = await running;
  (await control)?.close();
  return ended.code === 'user.stopped' ? 0 : phases[ended.phase].exitCode;
}

function print(event: ConnectionEvent, json: boolean): void {
  const text = json ? JSON.stringify(event) : describeEvent(event);
  if (text !== undefined) console.log(text);
}

/** The profile is the user's file: they change it. */
function howToPin(remoteId: IdentityForm): string {
  return `  Accepted this time. To be asked no more, put under "ipsec" in the profile: "remoteId": ${JSON.stringify(remoteId)}`;
}

/** For what fails before there is a connection. */
function refuse(reason: Failure, json: boolean): number {
  if (json) print({ event: 'failed', atMs: 0, failure: reason }, true);
  else console.error(describeFailure(reason));
  return phases[reason.phase].exitCode;
}

/** In the order of the flags: standard input is read a line for each that is given, the terminal asked for the rest. */
async function gatherCredentials(profile: Profile, file: string, flags: ConnectFlags): Promise<Result<Credentials>> {
  const userName = flags.user ?? profile.user;
  if (userName === undefined || userName === '') {
    const how = 'Give it with --user, or write "user" into the profile.';
    return { ok: false, failure: failure('credentials.missing', { what: 'user name', how }) };
  }
  const input = new SecretInput();
  try {
    const password = await gatherPassword(profile, flags, input);
    if (!password.ok) return password;
    const preSharedKey = await gatherPreSharedKey(profile, file, flags, input);
    if (!preSharedKey.ok) return preSharedKey;
    const newPassword = flags.newPasswordStdin === true ? await input.line('new password') : undefined;
    if (newPassword?.ok === false) return newPassword;
    const { tunnelSecret } = profile.l2tp;
    const secret =
      tunnelSecret === undefined ? undefined : await resolveSecret(tunnelSecret, file, 'L2TP tunnel secret');
    if (secret?.ok === false) return secret;
    return {
      ok: true,
      value: {
        userName,
        password: password.value,
        preSharedKey: preSharedKey.value,
        ...(newPassword !== undefined && { newPassword: newPassword.value }),
        ...(secret !== undefined && { tunnelSecret: secret.value }),
      },
    };
  } finally {
    input.close();
  }
}

async function gatherPassword(profile: Profile, flags: ConnectFlags, input: SecretInput): Promise<Result<string>> {
  if (flags.passwordStdin === true) return input.line('password');
  return needsPassword(profile) ? promptSecret('password', '--password-stdin') : { ok: true, value: '' };
}

async function gatherPreSharedKey(
  profile: Profile,
  file: string,
  flags: ConnectFlags,
  input: SecretInput,
): Promise<Result<Secret>> {
  const source = profile.ipsec.preSharedKey;
  if (flags.pskStdin !== true && source !== undefined) return resolveSecret(source, file, 'pre-shared key');
  const typed =
    flags.pskStdin === true ? await input.line('pre-shared key') : await promptSecret('pre-shared key', '--psk-stdin');
  return typed.ok ? { ok: true, value: secretFromText(typed.value) } : typed;
}
