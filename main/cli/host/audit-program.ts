import { type Command, InvalidArgumentError, Option } from 'commander';
import { auditKinds } from '../../contracts/audit.ts';
import type { AuditFilter, Head } from '../../host/audit/index.ts';
import { parseEnd, showAudit, verifyAudit } from './audit.ts';
import { finish, withConfig, wholeNumber, type CommonFlags } from './options.ts';

/** `culvert host audit …` */
export function addAuditProgram(host: Command): void {
  const audit = host
    .command('audit')
    .description('The audit log: who got in, who did not and why, sessions with their totals, changes.')
    .helpCommand(false);

  const verify = audit
    .command('verify')
    .description('Follow the chain of the log, and name the first line that was changed or is missing.')
    .argument('[file]', "instead of the configuration's; its put-away files beside it belong to it")
    .option('--end <number:hash>', 'the end that an earlier verification told: it has to be in the log still', theEnd)
    .addHelpText('after', verifyHelp);
  withConfig(verify).action((file: string | undefined, flags: CommonFlags & { end?: Head }) =>
    finish(flags, () => verifyAudit(file, flags)),
  );

  const show = audit
    .command('show')
    .description('Show the latest records.')
    .argument('[file]', "instead of the configuration's")
    .option('--last <number>', 'how many', wholeNumber, 20)
    .option('--user <name>', 'only of this user')
    .option('--text <text>', 'only with this in a name, an address or a reason')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(auditKinds))
    .addHelpText('after', showHelp);
  withConfig(show).action((file: string | undefined, flags: CommonFlags & AuditFilter & { last: number }) =>
    finish(flags, () => showAudit(file, flags)),
  );
}

function theEnd(text: string): Head {
  const end = parseEnd(text);
  if (end !== undefined) return end;
  throw new InvalidArgumentError(
    '(expected a number, a colon and 64 hexadecimal digits, as "audit verify" prints them)',
  );
}

const verifyHelp = `
Each record holds a hash of the one before, so whoever changes one has to change all that follow. An end of the chain that you keep
on another machine shows that nobody did: give it with --end.

Exit code 2: the log is not as it was written.`;

const showHelp = `
Examples:
  sudo culvert host audit show --kind authenticationFailed --last 50
  sudo culvert host audit show --user alice --json`;
