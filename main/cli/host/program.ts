import { Command, Option } from 'commander';
import type { SessionChoice } from '../../contracts/host-control.ts';
import { hostFolders } from '../../engine/folders.ts';
import { likelyMeant } from '../../profiles/likely-meant.ts';
import { reviewFormats, showAccessReview, type ReviewFlags } from './access-review.ts';
import { addAuditProgram } from './audit-program.ts';
import { addCaProgram } from './ca-program.ts';
import { exitCodes } from '../../host/words/complaint.ts';
import {
  checkConfiguration,
  compareVersions,
  listVersions,
  reloadConfiguration,
  restoreConfiguration,
} from './configuration.ts';
import { disconnect, showSessions, showStatus } from './online.ts';
import { finish, withConfig, withJson, wholeNumber, type CommonFlags } from './options.ts';
import { runHost, type RunFlags } from './run.ts';
import { addSetupProgram } from './setup-program.ts';
import { addUsersProgram } from './users-program.ts';

/** `culvert host …` */
export function hostProgram(): Command {
  const host = new Command('host')
    .description('Be the gateway that the VPN clients of Windows, macOS, iOS and Linux connect to.')
    // So that an option after a command is that command's own.
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText('after', hostHelp);
  withRun(host).action((flags: RunFlags, command: Command) => {
    const [unknown] = command.args;
    if (unknown !== undefined) {
      const meant = likelyMeant(
        unknown,
        command.commands.map((known) => known.name()),
      );
      command.error(`error: unknown command '${unknown}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`);
    }
    if (flags.config === undefined) command.help({ error: true });
    return run(flags);
  });

  host.commandsGroup('Run it:');
  addRunning(host);
  host.commandsGroup('See and act, while it runs:');
  addOnline(host);
  host.commandsGroup('Set it up, while it runs or not:');
  addSetupProgram(host);
  addUsersProgram(host);
  addCaProgram(host);
  addConfigProgram(host);
  addAuditProgram(host);
  addAccessReview(host);
  // Of its own, and not of its commands, which would have taken it over.
  return host.allowExcessArguments();
}

function addRunning(host: Command): void {
  const running = host
    .command('run')
    .description('Be the gateway until Ctrl-C; then say goodbye to everybody, and leave no trace.')
    .addHelpText('after', runHelp);
  withRun(running).action(run);
  const check = host
    .command('check')
    .description('Check the configuration: every error and every doubt, with its line.');
  withConfig(check).action((flags: CommonFlags) =>
    finish(flags, () => checkConfiguration(flags.config, flags.json === true)),
  );
}

function withRun(command: Command): Command {
  return withConfig(command.option('--verbose', 'also print what the protocols do'), hostFolders().configFile);
}

const run = (flags: RunFlags): Promise<void> => finish(flags, () => runHost(flags));

function addOnline(host: Command): void {
  const status = host.command('status').description('How the host is, and who did not get in lately.');
  withJson(status).action((flags: CommonFlags) => finish(flags, () => showStatus(flags.json === true)));

  const sessions = host
    .command('sessions')
    .description('Who is online: from where, since when, with which address, traffic and ciphers.')
    .option('--user <name>', 'only this user');
  withJson(sessions).action((flags: CommonFlags & { user?: string }) =>
    finish(flags, () => showSessions(flags.user, flags.json === true)),
  );

  const ending = host
    .command('disconnect')
    .description('End a session of the running host, all of a user, or all.')
    .argument('[session]', 'its number, as "culvert host sessions" shows it', wholeNumber)
    .option('--user <name>', 'every session of this user')
    .option('--all', 'every session')
    .addHelpText('after', disconnectHelp);
  withJson(ending).action((session: number | undefined, flags: DisconnectFlags, command: Command) => {
    const choice = sessionChoice(session, flags, command);
    return finish(flags, () => disconnect(choice, flags.json === true));
  });

  const reload = host
    .command('reload')
    .description('Put the changed configuration in force. Only the sessions that a change concerns end.');
  withJson(reload).action((flags: CommonFlags) => finish(flags, () => reloadConfiguration(flags.json === true)));
}

interface DisconnectFlags extends CommonFlags {
  readonly user?: string;
  readonly all?: true;
}

function sessionChoice(session: number | undefined, { user, all }: DisconnectFlags, command: Command): SessionChoice {
  const given: readonly SessionChoice[] = [
    ...(session === undefined ? [] : [{ session }]),
    ...(user === undefined ? [] : [{ user }]),
    ...(all === true ? (['everybody'] as const) : []),
  ];
  const [choice] = given;
  if (choice === undefined || given.length > 1) {
    command.error('error: name one: the number of a session, --user <name>, or --all');
  }
  return choice;
}

function addAccessReview(host: Command): void {
  const review = host
    .command('access-review')
    .description('Who may connect, what they reach, when they last did and how, and what is weak about it.')
    .addOption(new Option('--format <format>', 'of the report').choices(reviewFormats).default('csv'))
    .option('--unused-days <number>', 'without a sign-in for so long an account counts as unused', wholeNumber, 90)
    .addHelpText('after', reviewHelp);
  withConfig(review).action((flags: ReviewFlags) => finish(flags, () => showAccessReview(flags)));
}

function addConfigProgram(host: Command): void {
  const config = host
    .command('config')
    .description('Earlier versions of the configuration, and the way back to them.')
    .helpCommand(false);
  withJson(
    config
      .command('versions')
      .description("List the versions that are kept of what this user's hosts ran with, in whichever file it stood."),
  ).action((flags: CommonFlags) => finish(flags, () => listVersions(flags.json === true)));
  const diff = config
    .command('diff')
    .description('Show which members two versions differ in, or a version and the present file.')
    .argument('<version>', 'the earlier one', wholeNumber)
    .argument('[other]', 'the later one', wholeNumber);
  withConfig(diff).action((version: number, other: number | undefined, flags: CommonFlags) =>
    finish(flags, () => compareVersions(version, other, flags.config, flags.json === true)),
  );
  const restore = config
    .command('restore')
    .description('Put an earlier version back in place of the file, and in force where the host runs.')
    .argument('<version>', 'its number', wholeNumber)
    .addHelpText('after', restoreHelp);
  withConfig(restore).action((version: number, flags: CommonFlags) =>
    finish(flags, () => restoreConfiguration(version, flags.config, flags.json === true)),
  );
}

const codes = Object.values(exitCodes).map(({ code, when }) => `  ${code}  ${when}`);

const hostHelp = `
A first host, and what its clients have to type, is
  sudo culvert host setup
  sudo culvert host run
  sudo culvert host clients

docs/host.md leads from there to a connected laptop; docs/host-config.md explains the configuration.

Exit codes:
${codes.join('\n')}
What keeps "run" from starting, or ends it, has the codes of "culvert connect --help".`;

const runHelp = `
It prints who comes and goes, and what needs attention; the audit log has it all. In another terminal, "sudo culvert host status" and
"sudo culvert host sessions" show how it is, and "sudo culvert host reload" puts a changed configuration in force.
"culvert host --config <file>" is short for it.

Examples:
  sudo culvert host run --config host.json
  sudo culvert host run --config host.json --json >> /var/log/culvert.jsonl`;

const disconnectHelp = `
The client is told, and may connect again at once. "culvert host users disable" keeps a user out.

Examples:
  sudo culvert host disconnect 17
  sudo culvert host disconnect --user alice
  sudo culvert host disconnect --all`;

const reviewHelp = `
It is made of the configuration, the local users and the audit log. Of users whom a RADIUS server or a directory judges it lists those
who signed in as far back as the audit log goes.

Examples:
  sudo culvert host access-review > review.csv
  sudo culvert host access-review --format html --unused-days 30 > review.html`;

const restoreHelp = `
The present file is kept as a version first. A version that has errors by now is not restored.

Example:
  sudo culvert host config restore 3`;
