import { type Command, InvalidArgumentError } from 'commander';
import { hostFolders } from '../../engine/folders.ts';
import { outcomeOf } from './outcome.ts';

/** What the commands of `culvert host` have in common. */

export interface CommonFlags {
  readonly config?: string;
  readonly json?: true;
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON, one object a line, instead of text');
}

/** @param instead  which it is when none is named */
export function withConfig(
  command: Command,
  instead = `the running host's, else ${hostFolders().configFile}`,
): Command {
  return withJson(command.option('--config <file>', `the configuration (default: ${instead})`));
}

/** Does the work of a command, and leaves with its exit code. */
export async function finish(flags: CommonFlags, work: () => Promise<unknown>): Promise<void> {
  process.exitCode = await outcomeOf(flags.json === true, work);
}

export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('(expected a whole number from 1 on)');
}
