import { type ConnectionAnswer, connectionControl, type ConnectionEvent } from '../contracts/events.ts';
import { failure, type Failure, phases, type Result } from '../contracts/failure.ts';
import { Secret } from '../contracts/secret.ts';
import type { ClientCertificates, ClientTls } from '../engine/certificates/index.ts';
import { Connection } from '../engine/connection.ts';
import { needsPassword } from '../engine/credentials.ts';
import { askControl, serveControl } from '../engine/control-socket.ts';
import { createCrypto } from '../engine/crypto/index.ts';
import { controlSocketPath, helperFolders } from '../engine/folders.ts';
import { HelperSource } from '../engine/helper-source.ts';
import { openHelper } from '../engine/open-helper.ts';
import type { SecretKeeper } from '../profiles/kept-secrets/keeper.ts';
import { describeSystemError } from '../files/system-error.ts';
import { secretFromText } from '../profiles/secrets.ts';
import { openCertificateStore } from '../dialling/certificate-store.ts';
import { type OpenedCertificates, openCertificates } from '../dialling/client-certificates.ts';
import { asTyped } from './as-typed.ts';
import { describeEvent, describeFailure } from './present.ts';
import { fileSource, isFile, type ProfileSource, storedSource } from '../dialling/profile-source.ts';
import { openKeeper, openStore } from './profile/manage.ts';
import { keepSecretsOutOfCores } from '../engine/core-dumps.ts';
import { promptSecret, readTyped, SecretInput } from './secrets.ts';
import type { Ask } from '../engine/prompter.ts';
import { whoCanBeAsked } from './terminal-prompts.ts';

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
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly preSharedKey: Secret | undefined;
  readonly certificates?: ClientCertificates;
  readonly eapTls?: ClientTls;
  readonly tunnelSecret?: Secret;
  readonly newPassword?: string;
}

/** Connects, stays, and returns the exit code. */
export async function connectCommand(fileOrName: string, flags: ConnectFlags): Promise<number> {
  keepSecretsOutOfCores();
  const json = flags.json === true;
  const found = await findProfile(fileOrName, !json);
  if (!found.ok) return refuse(found.failure, json);
  const source = found.value;
  const name = flags.name ?? source.profile.name;
  const running = await findRunning(name);
  if (running !== undefined) return refuse(running, json);
  const ask = whoCanBeAsked(json, source.keeps);
  const helpers = new HelperSource(() => openHelper(helperFolders(name)));
  // Nobody types a password in vain.
  const lacking = ask === undefined ? undefined : await helpers.prepare(new AbortController().signal);
  if (lacking !== undefined) return refuse(lacking, json);
  const ended = await connectBy(helpers, { name, source, flags, ask });
  helpers.close();
  return ended;
}

interface Dial {
  readonly name: string;
  readonly source: ProfileSource;
  readonly flags: ConnectFlags;
  readonly ask: Ask | undefined;
}

async function connectBy(helpers: HelperSource, { name, source, flags, ask }: Dial): Promise<number> {
  const json = flags.json === true;
  const { profile } = source;
  const credentials = await gatherCredentials(source, flags, ask !== undefined);
  if (!credentials.ok) return refuse(credentials.failure, json);
  // Typing takes a while: another terminal may have been faster.
  const faster = await findRunning(name);
  if (faster !== undefined) return refuse(faster, json);
  const connection = new Connection({
    name,
    profile,
    ...credentials.value,
    ...(ask !== undefined && { ask }),
    onLearned: (learned) => {
      void source.learned(learned).then((note) => {
        if (note !== undefined) console.error(`  ${note}`);
      });
    },
    secretFromText,
    crypto: await createCrypto(),
    openHelper: () => helpers.open(),
    onEvent: (event) => {
      print(event, json);
    },
    onLog: (from, text) => {
      if (flags.verbose === true) console.error(`[${from}] ${text}`);
    },
  });
  return runConnection(connection, name);
}

/** A file, or one of the user's profiles by its name. */
async function findProfile(fileOrName: string, mayAsk: boolean): Promise<Result<ProfileSource>> {
  if (isFile(fileOrName)) return fileSource(fileOrName);
  const store = openStore();
  const used = store.use(fileOrName, Date.now());
  if (!used.ok) return used;
  const keeper = openKeeper();
  if (mayAsk && process.stdin.isTTY) await unlock(keeper);
  return { ok: true, value: storedSource(used.value, store, keeper) };
}

/** Where the secrets are sealed; whoever does not know the passphrase is asked for the secrets themselves. */
async function unlock(keeper: SecretKeeper): Promise<void> {
  while ((await keeper.keeping()).place === 'locked') {
    const question = 'Passphrase of your secrets (Enter to go on without): ';
    const typed = await readTyped(question, { isShown: false }, process.stdin);
    if (typed === undefined || typed === '') return;
    const unlocked = await keeper.unlock(new Secret(typed));
    if (!unlocked.ok) console.error(unlocked.failure.cause);
  }
}

/** The failure that a connection of this name which runs already is. */
async function findRunning(name: string): Promise<Failure | undefined> {
  const asked = await askControl(controlSocketPath(name), connectionControl, { request: 'status' });
  if (!asked.reached || asked.answer.answer !== 'status') return undefined;
  return failure('connection.busy', { name, pid: asked.answer.status.processId });
}

/** Until it is over, or interrupted; what it returns is the exit code. */
export async function runConnection(connection: Connection, name: string): Promise<number> {
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
    const commands = asTyped('"culvert status" and "culvert disconnect"');
    console.error(`${commands} will not see this connection: ${describeSystemError(error)}`);
  });
  const ended = await running;
  (await control)?.close();
  return ended.code === 'user.stopped' ? 0 : phases[ended.phase].exitCode;
}

export function print(event: ConnectionEvent, json: boolean): void {
  const text = json ? JSON.stringify(event) : describeEvent(event);
  if (text !== undefined) console.log(text);
}

/** For what fails before there is a connection. */
export function refuse(reason: Failure, json: boolean): number {
  if (json) print({ event: 'failed', atMs: 0, failure: reason }, true);
  else console.error(describeFailure(reason));
  return phases[reason.phase].exitCode;
}

/**
 * In the order of the flags: standard input is read a line for each that is given. What neither it nor the profile has is left to be
 * asked for where somebody `canBeAsked`.
 */
async function gatherCredentials(
  source: ProfileSource,
  flags: ConnectFlags,
  canBeAsked: boolean,
): Promise<Result<Credentials>> {
  const userName = flags.user ?? source.profile.user;
  if (userName === undefined && !canBeAsked) {
    const how = 'Give it with --user, or write "user" into the profile.';
    return { ok: false, failure: failure('credentials.missing', { what: 'user name', how }) };
  }
  const input = new SecretInput();
  try {
    const password = await gatherPassword(source, flags, input, canBeAsked);
    if (password?.ok === false) return password;
    const certificates = await gatherCertificates(source);
    if (!certificates.ok) return certificates;
    const { ike, eapTls } = certificates.value;
    const preSharedKey = ike === undefined ? await gatherPreSharedKey(source, flags, input, canBeAsked) : undefined;
    if (preSharedKey?.ok === false) return preSharedKey;
    const newPassword = flags.newPasswordStdin === true ? await input.line('new password') : undefined;
    if (newPassword?.ok === false) return newPassword;
    const tunnelSecret = await source.tunnelSecret();
    if (tunnelSecret?.ok === false) return tunnelSecret;
    return {
      ok: true,
      value: {
        userName,
        password: password?.value,
        preSharedKey: preSharedKey?.value,
        ...(ike !== undefined && { certificates: ike }),
        ...(eapTls !== undefined && { eapTls }),
        ...(newPassword !== undefined && { newPassword: newPassword.value }),
        ...(tunnelSecret !== undefined && { tunnelSecret: tunnelSecret.value }),
      },
    };
  } finally {
    input.close();
  }
}

/** Whoever sits before the terminal is asked for a passphrase that is missing. */
function gatherCertificates(source: ProfileSource): Promise<Result<OpenedCertificates>> {
  return openCertificates(source, openCertificateStore(), async (file, member, isAgain) => {
    if (isAgain) console.error('That passphrase does not fit.');
    const typed = await promptSecret(`passphrase of ${file}`, `${member}.passphrase in the profile`);
    return typed.ok ? { ok: true, value: new Secret(typed.value) } : typed;
  });
}

async function gatherPassword(
  source: ProfileSource,
  flags: ConnectFlags,
  input: SecretInput,
  canBeAsked: boolean,
): Promise<Result<string> | undefined> {
  if (flags.passwordStdin === true) return input.line('password');
  if (!needsPassword(source.profile)) return undefined;
  const kept = await source.password();
  if (kept !== undefined) return { ok: true, value: kept };
  return canBeAsked ? undefined : promptSecret('password', '--password-stdin');
}

async function gatherPreSharedKey(
  source: ProfileSource,
  flags: ConnectFlags,
  input: SecretInput,
  canBeAsked: boolean,
): Promise<Result<Secret> | undefined> {
  const known = flags.pskStdin === true ? undefined : await source.preSharedKey();
  if (known !== undefined) return known;
  if (flags.pskStdin !== true && canBeAsked) return undefined;
  const typed =
    flags.pskStdin === true ? await input.line('pre-shared key') : await promptSecret('pre-shared key', '--psk-stdin');
  return typed.ok ? { ok: true, value: secretFromText(typed.value) } : typed;
}
