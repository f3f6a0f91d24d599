import type { UserRefusal } from '../../contracts/host-control.ts';

/**
 * What a command of `culvert host` can have to say instead of doing what it was asked: a code for scripts, what is wrong, what to
 * do, and the exit code. `{name}` in a text is replaced by the fact of that name.
 */

export const exitCodes = {
  done: { code: 0, when: 'done' },
  usage: { code: 1, when: 'a mistake in the command line' },
  invalid: { code: 2, when: 'what was checked is not right: the configuration, the audit log' },
  unreachable: { code: 3, when: 'no host is running, or it cannot be reached' },
  refused: { code: 4, when: 'what was named is not there, or is there already' },
  system: { code: 5, when: 'a file could not be read or written' },
} as const;

interface Kind {
  readonly exit: keyof typeof exitCodes;
  readonly what: string;
  readonly fix: string;
}

const kinds = {
  'host.notRunning': {
    exit: 'unreachable',
    what: 'No host is running.',
    fix: 'Start it with "culvert host run". One that was started with sudo is seen with sudo only.',
  },
  'host.running': {
    exit: 'refused',
    what: 'A host is running already (process {pid}).',
    fix: 'Change its configuration and run "culvert host reload", or end it first.',
  },
  'host.notAllowed': {
    exit: 'unreachable',
    what: 'The host belongs to another user.',
    fix: 'Run this command with sudo.',
  },
  'host.noAnswer': {
    exit: 'unreachable',
    what: 'The host did not answer.',
    fix: 'Try again; if it stays so, look at what the host itself printed, and restart it.',
  },
  'host.refused': {
    exit: 'unreachable',
    what: 'The host refused the request: {reason}.',
    fix: 'Use the command of the same release as the host.',
  },
  'configuration.exists': {
    exit: 'refused',
    what: 'There is a configuration of a host already: {file}.',
    fix: 'Use it: "culvert host run" starts it. To begin anew, move it away first.',
  },
  'configuration.missing': {
    exit: 'refused',
    what: 'There is no configuration of a host: {file} is not there.',
    fix: 'Make one with "culvert host setup", or name yours with --config. That of a host that was set up with sudo is found with sudo.',
  },
  'configuration.invalid': {
    exit: 'invalid',
    what: 'The configuration {file} has errors.',
    fix: 'Correct them; "culvert host check --config {file}" lists them again.',
  },
  'configuration.notTaken': {
    exit: 'invalid',
    what: 'The configuration {file} has errors; the one before stays in force.',
    fix: 'Correct them, and run the command again.',
  },
  'setup.missing': {
    exit: 'usage',
    what: 'The {what} is not known.',
    fix: 'Give it with {option}, or run this command on a terminal to be asked.',
  },
  'setup.invalid': {
    exit: 'usage',
    what: 'A host cannot be set up like that: {problems}.',
    fix: 'Correct the options; "culvert host setup --help" explains them.',
  },
  'version.invalid': {
    exit: 'invalid',
    what: 'One of the two cannot be read: it has errors by now.',
    fix: '"culvert host check" shows those of the present file.',
  },
  'version.unknown': {
    exit: 'refused',
    what: 'There is no version {version}.',
    fix: '"culvert host config versions" lists those that are kept.',
  },
  'session.unknown': {
    exit: 'refused',
    what: 'There is no session {session}.',
    fix: '"culvert host sessions" lists those there are.',
  },
  'session.userUnknown': {
    exit: 'refused',
    what: '{user} is not online.',
    fix: '"culvert host sessions" lists who is, with names as they have to be written.',
  },
  'user.unknown': {
    exit: 'refused',
    what: 'There is no user {user}.',
    fix: '"culvert host users list" lists them; upper and lower case count.',
  },
  'user.exists': {
    exit: 'refused',
    what: 'There is a user {user} already.',
    fix: 'Change it with "culvert host users set" or "culvert host users password".',
  },
  'user.notEnrolled': {
    exit: 'refused',
    what: '{user} has no one-time codes.',
    fix: 'Enrol the user with "culvert host users totp enrol {user}".',
  },
  'user.invalid': {
    exit: 'usage',
    what: 'That is not possible for a user: {problems}.',
    fix: 'Correct the options; "culvert host users add --help" and "culvert host users set --help" explain them.',
  },
  'user.nothingToChange': {
    exit: 'usage',
    what: 'Nothing was given to change.',
    fix: 'Name at least one option; "culvert host users set --help" explains them.',
  },
  'password.missing': { exit: 'usage', what: 'There is no {what}.', fix: '{how}' },
  'users.keyMissing': {
    exit: 'system',
    what: 'The key to the users is gone.',
    fix: 'Put the file back that localUsers.keyFile names, from a backup. Without it nobody can read the users: remove the store and add them again.',
  },
  'users.keyExposed': {
    exit: 'system',
    what: 'The key to the users can be read by others, or belongs to somebody else.',
    fix: 'Run "chmod 600" on the file that localUsers.keyFile names, as its owner.',
  },
  'users.keyMalformed': {
    exit: 'system',
    what: 'The file of the key to the users holds no key.',
    fix: 'Put the file back that localUsers.keyFile names, from a backup.',
  },
  'users.storeExposed': {
    exit: 'system',
    what: 'The users can be read by others, or belong to somebody else.',
    fix: 'Run "chmod 600" on the file that localUsers.file names, as its owner.',
  },
  'users.damaged': {
    exit: 'system',
    what: 'The file of the users is damaged.',
    fix: 'Put it back from a backup; localUsers.file names it.',
  },
  'users.wrongKeyOrChanged': {
    exit: 'system',
    what: 'The users do not fit their key, or were changed by something else.',
    fix: 'Put the files that localUsers.file and localUsers.keyFile name back from the same backup.',
  },
  'users.busy': {
    exit: 'system',
    what: 'Another command is changing the users.',
    fix: 'Try again in a moment.',
  },
  'ca.none': {
    exit: 'refused',
    what: 'There is no certificate authority.',
    fix: 'Make one with "culvert host ca create", or take one with "culvert host ca import".',
  },
  'ca.exists': {
    exit: 'refused',
    what: 'There is a certificate authority already.',
    fix: 'Use it; or name another folder with certificateAuthority.folder in the configuration.',
  },
  'ca.notAuthority': {
    exit: 'invalid',
    what: 'That certificate may not issue others.',
    fix: "Give the authority's own certificate and private key.",
  },
  'ca.unknown': {
    exit: 'refused',
    what: 'The authority issued no such certificate.',
    fix: '"culvert host ca list --all" lists what it issued; for the host\'s own run "culvert host ca server".',
  },
  'ca.notRenewable': {
    exit: 'refused',
    what: 'The authority was not made here.',
    fix: 'Renew it where it was made.',
  },
  'ca.full': {
    exit: 'refused',
    what: 'The authority issued as many certificates as it remembers.',
    fix: 'Those that have expired are forgotten after 90 days; give certificates a longer life, or use another authority.',
  },
  'ca.nameInvalid': {
    exit: 'usage',
    what: 'A certificate cannot hold the name {name}.',
    fix: 'Give DNS names and addresses as clients dial them, and users as they sign in.',
  },
  'ca.fileExists': {
    exit: 'refused',
    what: 'There is a file {file} already.',
    fix: 'Name another one with --out, or move it away.',
  },
  'ca.legacyNeedsRsa': {
    exit: 'refused',
    what: 'The encryption of old holds RSA keys only, and this authority issues ECDSA.',
    fix: 'Leave --legacy out, or make an authority with --key rsa.',
  },
  'ca.notReadable': {
    exit: 'system',
    what: 'The file {file} cannot be used: {reason}.',
    fix: 'Check the file, its passphrase and its permissions; with PEM, give the private key with --key.',
  },
  'ca.keyMissing': {
    exit: 'system',
    what: 'The key to the certificate authority is gone.',
    fix: 'Put the file ca.key back from a backup. Without it nobody can use the authority: move its folder away and make another.',
  },
  'ca.keyExposed': {
    exit: 'system',
    what: 'The key to the certificate authority can be read by others, or belongs to somebody else.',
    fix: 'Run "chmod 600" on the file ca.key in its folder, as its owner.',
  },
  'ca.keyMalformed': {
    exit: 'system',
    what: 'The file of the key to the certificate authority holds no key.',
    fix: 'Put the file ca.key back from a backup.',
  },
  'ca.exposed': {
    exit: 'system',
    what: 'The certificate authority can be read by others, or belongs to somebody else.',
    fix: 'Run "chmod 600" on the file ca.store in its folder, as its owner.',
  },
  'ca.damaged': {
    exit: 'system',
    what: 'The file of the certificate authority is damaged.',
    fix: 'Put the file ca.store back from a backup.',
  },
  'ca.wrongKeyOrChanged': {
    exit: 'system',
    what: 'The certificate authority does not fit its key, or was changed by something else.',
    fix: 'Put ca.store and ca.key back from the same backup.',
  },
  'ca.busy': {
    exit: 'system',
    what: 'Another command is using the certificate authority.',
    fix: 'Try again in a moment.',
  },
  'audit.broken': {
    exit: 'invalid',
    what: '{place} {reason}.',
    fix: 'Compare with a copy kept elsewhere: what comes before that line is as it was written, what follows proves nothing.',
  },
  'audit.missing': {
    exit: 'system',
    what: 'There is no audit log {file}.',
    fix: 'Name it, or the configuration that names it with --config; a host that never ran has none.',
  },
  'audit.busy': {
    exit: 'system',
    what: 'Another process writes the audit log {file}, so that this change could not be recorded.',
    fix: 'If a host is running, give this command the same CULVERT_RUNTIME_DIR, or stop the host.',
  },
  'system.error': {
    exit: 'system',
    what: 'The operating system says{about}: {reason}.',
    fix: 'Check the file and its permissions; most of these commands need sudo.',
  },
} as const satisfies Record<string, Kind>;

export type ComplaintCode = keyof typeof kinds;
type Facts = Readonly<Record<string, string | number>>;

/** Thrown wherever a command cannot go on, caught once around it. */
export class Complaint extends Error {
  readonly code: ComplaintCode;
  readonly fix: string;
  readonly exitCode: number;

  constructor(code: ComplaintCode, facts: Facts = {}) {
    const kind: Kind = kinds[code];
    const fill = (text: string): string =>
      text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in facts ? String(facts[name]) : whole));
    super(fill(kind.what));
    this.code = code;
    this.fix = fill(kind.fix);
    this.exitCode = exitCodes[kind.exit].code;
  }
}

const refusals: Readonly<Record<UserRefusal['reason'], ComplaintCode>> = {
  keyMissing: 'users.keyMissing',
  keyExposed: 'users.keyExposed',
  keyMalformed: 'users.keyMalformed',
  storeExposed: 'users.storeExposed',
  damaged: 'users.damaged',
  wrongKeyOrChanged: 'users.wrongKeyOrChanged',
  busy: 'users.busy',
  nameTaken: 'user.exists',
  nameUnknown: 'user.unknown',
  notEnrolled: 'user.notEnrolled',
  invalid: 'user.invalid',
};

export function userComplaint({ reason, problems }: UserRefusal, user: string): Complaint {
  return new Complaint(refusals[reason], { user, problems: problems.join('; ') });
}
