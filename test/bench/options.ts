import { parseArgs, type ParseArgsConfig } from 'node:util';

export interface Options {
  /** The one-stream part alone, in shorter measurements. */
  readonly quick: boolean;
  readonly runs: number;
  readonly json: string | undefined;
  /** Names of systems; empty: all. */
  readonly only: readonly string[];
}

/** The arguments are wrong: the message says how they should be. */
export class UsageError extends Error {}

/** The arguments ask for the usage, which is the message. */
export class HelpWanted extends UsageError {}

const bothPrograms = { runs: { type: 'string', default: '5' }, json: { type: 'string' } } as const;

export function parseOptions(argv: readonly string[], systemNames: readonly string[]): Options {
  const usage = `npm run bench -- [--quick] [--runs N] [--json FILE] [--only NAME…]
  --quick      the one TCP stream alone, in under two minutes
  --runs N     the number of rounds; figures are their medians (5)
  --json FILE  also write every sample, and the ratios
  --only NAME… these systems alone, of: ${systemNames.join(' ')}`;
  const { values, positionals } = parsed(argv, usage, {
    ...bothPrograms,
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
  });
  if (positionals.length > 0 && values.only === undefined) throw unexpected(positionals, usage);
  const only = [...(values.only ?? []), ...positionals].flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !systemNames.includes(name));
  if (unknown.length > 0) throw new UsageError(`no such system: ${unknown.join(', ')}\n${usage}`);
  return { quick: values.quick, runs: rounds(values.runs, usage), json: values.json, only };
}

/** Those of the time to connect. */
export function parseConnectOptions(argv: readonly string[]): Pick<Options, 'runs' | 'json'> {
  const usage = `npm run bench:connect -- [--runs N] [--json FILE]
  --runs N     the number of rounds; figures are their medians (5)
  --json FILE  also write the rows, with what is over the floor in each phase`;
  const { values, positionals } = parsed(argv, usage, bothPrograms);
  if (positionals.length > 0) throw unexpected(positionals, usage);
  return { runs: rounds(values.runs, usage), json: values.json };
}

/** Says what the arguments were, or should have been, without a stack. */
export function reportUsage(error: UsageError): void {
  if (error instanceof HelpWanted) {
    console.log(error.message);
  } else {
    console.error(error.message);
    process.exitCode = 1;
  }
}

const unexpected = (words: readonly string[], usage: string) =>
  new UsageError(`unexpected: ${words.join(' ')}\n${usage}`);

function rounds(text: string, usage: string): number {
  const runs = Number(text);
  if (!Number.isSafeInteger(runs) || runs < 1) throw new UsageError(`--runs takes a number from 1 on\n${usage}`);
  return runs;
}

function parsed<const T extends NonNullable<ParseArgsConfig['options']>>(
  argv: readonly string[],
  usage: string,
  options: T,
) {
  if (argv.includes('--help')) throw new HelpWanted(usage);
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    // The parser goes on about arguments that begin with a dash, which there are none of here.
    const reason = error instanceof Error ? error.message.replace(/\. To specify a positional.*/s, '') : String(error);
    throw new UsageError(`${reason}\n${usage}`, { cause: error });
  }
}
