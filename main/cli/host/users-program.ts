import { type Command, InvalidArgumentError } from 'commander';
import { finish, withConfig, wholeNumber, type CommonFlags } from './options.ts';
import { clearable, type Clearable, type UserFlags } from './user-options.ts';
import { enrolUser, removeCodes, renewRecovery } from './totp.ts';
import { addUser, disableUser, listUsers, removeUser, setPassword, setUser } from './users.ts';

/** `culvert host users …` */
export function addUsersProgram(host: Command): void {
  const users = host
    .command('users')
    .description('The local users: who may connect, with which password, and what holds for them.')
    .helpCommand(false)
    .addHelpText('after', usersHelp);

  withConfig(users.command('list').description('List the local users.')).action((flags: CommonFlags) =>
    finish(flags, () => listUsers(flags)),
  );

  const add = users
    .command('add')
    .description('Add a user. The password is asked for.')
    .argument('<name>', 'as the user will sign in, exactly: upper and lower case count')
    .addHelpText('after', addHelp);
  withConfig(withMembers(withPassword(add))).action((name: string, flags: UserFlags & CommonFlags) =>
    finish(flags, () => addUser(name, flags)),
  );

  const set = users
    .command('set')
    .description('Change what holds for a user: what is given replaces what was there.')
    .argument('<name>')
    .addHelpText('after', setHelp);
  withConfig(
    withMembers(set).option(
      '--clear <option>',
      'take it back to what holds for everybody (repeatable): "--clear expires"',
      andClearable,
    ),
  ).action((name: string, flags: UserFlags & CommonFlags) => finish(flags, () => setUser(name, flags)));

  const password = users
    .command('password')
    .description('Give a user a new password, and take back that the old one expired. It is asked for.')
    .argument('<name>');
  withConfig(withPassword(password)).action((name: string, flags: CommonFlags) =>
    finish(flags, () => setPassword(name, flags)),
  );

  const totp = users
    .command('totp')
    .description('One-time codes from an application on a telephone (RFC 6238), as a second factor.')
    .helpCommand(false)
    .addHelpText('after', totpHelp);
  for (const { name: command, description, act } of codeCommands) {
    withConfig(totp.command(command).description(description).argument('<name>')).action(
      (name: string, flags: CommonFlags) => finish(flags, () => act(name, flags)),
    );
  }

  for (const { name: command, description, act } of simple) {
    withConfig(users.command(command).description(description).argument('<name>')).action(
      (name: string, flags: CommonFlags) => finish(flags, () => act(name, flags)),
    );
  }
}

const codeCommands = [
  {
    name: 'enrol',
    description: 'Give a user one-time codes, in place of those of before: a QR code and recovery codes, shown once.',
    act: enrolUser,
  },
  { name: 'remove', description: 'Let a user sign in without a code again.', act: removeCodes },
  {
    name: 'recovery',
    description: 'Give a user new recovery codes, shown once; those of before are worth nothing.',
    act: renewRecovery,
  },
] as const;

const simple = [
  {
    name: 'disable',
    description: 'Let a user in no more, and end the sessions of that user.',
    act: (name: string, flags: CommonFlags) => disableUser(name, true, flags),
  },
  {
    name: 'enable',
    description: 'Let a disabled user in again.',
    act: (name: string, flags: CommonFlags) => disableUser(name, false, flags),
  },
  { name: 'remove', description: 'Remove a user, and end the sessions of that user.', act: removeUser },
] as const;

function withPassword(command: Command): Command {
  return command.option('--password-stdin', 'read the password from standard input (its first line)');
}

function withMembers(command: Command): Command {
  return command
    .option('--group <name>', 'a group of the configuration, which says what the user may do (repeatable)', andText)
    .option('--address <address>', 'always this address')
    .option('--network <network>', 'a branch office: this network is behind its client (repeatable)', andText)
    .option('--sessions <number>', 'at most so many sessions at the same time', wholeNumber)
    .option('--expires <when>', 'the account ends: 2027-03-31 (at the end of that day), or 2027-03-31T12:00:00+02:00')
    .option('--password-expires <when>', 'from then on the user has to choose a new password')
    .option('--must-change-password', 'the user has to choose a new password at the next sign-in')
    .option('--hours <hours>', 'only then (repeatable): "mon-fri 08:00-18:00", "daily 22:00-06:00"', andText)
    .option('--time-zone <name>', "by the clock of this place, such as Europe/Berlin; this machine's when absent");
}

const andText = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

function andClearable(text: string, before: readonly Clearable[] = []): readonly Clearable[] {
  const known = (Object.keys(clearable) as Clearable[]).find((option) => option === text);
  if (known !== undefined) return [...before, known];
  throw new InvalidArgumentError(`(expected one of ${Object.keys(clearable).join(', ')})`);
}

const usersHelp = `
While the host runs, it makes the changes itself, at once. Otherwise they are made in its files, and hold when it starts.
Users that RADIUS or a directory knows are not listed here: they are kept there.

Examples:
  sudo culvert host users add alice --group staff
  sudo culvert host users disable alice`;

const totpHelp = `
Who has codes needs one at each sign-in: Culvert asks for it (eap-gtc), on every other client it is typed right behind the
password. Each code works once. oneTimeCode of a group makes them a condition.

Examples:
  sudo culvert host users totp enrol alice
  sudo culvert host users totp recovery alice`;

const addHelp = `
Examples:
  sudo culvert host users add alice
  sudo culvert host users add bob --group contractor --expires 2027-03-31 --hours "mon-fri 08:00-18:00"
  sudo culvert host users add harbour-branch --network 10.50.0.0/24 --address 10.91.37.10
  sudo culvert host users add carol --password-stdin --must-change-password < carol.password`;

const setHelp = `
Examples:
  sudo culvert host users set bob --expires 2027-06-30
  sudo culvert host users set bob --group staff --group contractor --clear hours --clear expires`;
