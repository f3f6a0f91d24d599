import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import { hostChoices, type HostChoices, type HostProposal } from '../../contracts/host-guide.ts';
import type { Failure } from '../../contracts/failure.ts';
import { firstProblem, problemsOf } from '../../contracts/problems.ts';
import type { Secret } from '../../contracts/secret.ts';
import { hostFolders } from '../../engine/folders.ts';
import { proposeHost, setUpHost, type SetUp } from '../../host/guide/index.ts';
import { asTyped } from '../as-typed.ts';
import { shellCommand } from '../../helper/index.ts';
import { describeRefusal } from '../present.ts';
import { Complaint, exitCodes } from '../../host/words/complaint.ts';
import { describeProblems } from './configuration-text.ts';
import { readNewPassword } from './new-password.ts';
import type { CommonFlags } from './options.ts';
import { printJson } from './outcome.ts';
import { describeChecks, describeProposal } from './setup-text.ts';

export interface SetupFlags extends CommonFlags {
  readonly check?: true;
  readonly server?: string;
  readonly name?: string;
  readonly pool?: string;
  readonly split?: true;
  readonly route?: readonly string[];
  readonly user?: string;
  readonly passwordStdin?: true;
}

/** Makes a first host, asking on a terminal for what no option says. @returns the exit code */
export async function setUp(flags: SetupFlags): Promise<number> {
  const folders = hostFolders();
  const configFile = flags.config === undefined ? folders.configFile : resolve(flags.config);
  const json = flags.json === true;
  const proposal = await proposeHost(configFile);
  if (flags.check === true) {
    if (json) printJson(proposal);
    else console.log(describeProposal(proposal));
    return proposal.checks.some(({ verdict }) => verdict === 'bad') ? 2 : 0;
  }
  // Before anything is asked.
  if (proposal.isSetUp) throw new Complaint('configuration.exists', { file: configFile });
  if (!json) console.log(describeChecks(proposal.checks));
  const choices = await choose(flags, proposal);
  const made = await setUpHost(choices, configFile, folders);
  if (!made.ok) return failed(made.failure, json);
  if (json) printJson(reported(made.value, choices));
  else console.log(describeSetUp(made.value, choices, flags.config === undefined));
  return 0;
}

async function choose(flags: SetupFlags, proposal: HostProposal): Promise<HostChoices> {
  const server = flags.server ?? (await askServer(serverOf(proposal)));
  if (server === undefined) throw new Complaint('setup.missing', { what: 'server', option: '--server' });
  const user = flags.user ?? (await ask('The first user (empty: none)', ''));
  const password =
    user === undefined || user === '' ? undefined : await readNewPassword(user, flags.passwordStdin === true);
  const routes = flags.route ?? proposal.routes;
  return parsed({
    name: flags.name ?? 'office',
    server,
    pool: flags.pool ?? proposal.pool,
    tunnel: flags.split === true ? 'split' : 'full',
    routes: flags.split === true ? [...routes] : [],
    ...(user !== undefined && password !== undefined && { user: { name: user, password: exposed(password) } }),
  });
}

/** The contract takes it as text, since it also crosses processes. */
const exposed = (password: Secret<string>): string => password.expose();

function parsed(typed: unknown): HostChoices {
  const choices = hostChoices.safeParse(typed);
  if (choices.success) return choices.data;
  const problems = problemsOf(choices.error).map(({ path, text }) => `${path}: ${text}`);
  throw new Complaint('setup.invalid', { problems: problems.join('; ') });
}

const serverOf = ({ reachedBy, address }: HostProposal): string | undefined =>
  reachedBy === 'directly' ? address : undefined;

/** Until it is one: what follows takes longer to type. */
async function askServer(standard: string | undefined): Promise<string | undefined> {
  for (;;) {
    const typed = await ask('What clients reach this host by (name or public address)', standard);
    const checked = hostChoices.shape.server.safeParse(typed);
    if (typed === undefined || checked.success || !process.stdin.isTTY) return typed;
    console.error(`  That is none: ${firstProblem(checked.error)}.`);
  }
}

/** @returns `undefined` where nobody can be asked, or nothing was typed and there is no default */
async function ask(question: string, standard: string | undefined): Promise<string | undefined> {
  if (!process.stdin.isTTY) return standard;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const shown = standard === undefined || standard === '' ? '' : ` [${standard}]`;
    const answer = (await terminal.question(`${question}${shown}: `)).trim();
    return answer === '' ? standard : answer;
  } finally {
    terminal.close();
  }
}

function reported({ configFile, warnings }: SetUp, { name, server, pool, user }: HostChoices): unknown {
  return { configFile, warnings, name, server, pool, ...(user !== undefined && { user: user.name }) };
}

/** @param isUsual  the commands that follow find the configuration by themselves */
function describeSetUp({ configFile, warnings }: SetUp, { server, user }: HostChoices, isUsual: boolean): string {
  const named = isUsual ? '' : ` --config ${shellCommand([configFile])}`;
  // Whoever was root by sudo has to be again: it is root's host.
  const host = process.env['SUDO_UID'] === undefined ? 'culvert host' : 'sudo culvert host';
  return [
    ...(warnings.length === 0 ? [] : [describeProblems(configFile, warnings)]),
    `The host is set up in ${configFile}.`,
    `Clients will dial ${server}.`,
    ...(user === undefined ? [asTyped(`Add a user with "${host} users add NAME${named}".`)] : []),
    asTyped(
      `Start it with "${host} run${named}"; "${host} clients${named}" says how each client is set up, with the key.`,
    ),
  ].join('\n');
}

function failed(reason: Failure, json: boolean): number {
  if (json) printJson({ event: 'failed', failure: reason });
  else console.error(describeRefusal(reason));
  return (reason.code === 'host.setUpFailed' ? exitCodes.system : exitCodes.refused).code;
}
