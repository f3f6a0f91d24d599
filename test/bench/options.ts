import { parseArgs } from 'node:util';

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

export function parseOptions(argv: readonly string[], systemNames: readonly string[]): Options {
  const usage = `npm run bench -- [--quick] [--runs N] [--json FILE] [--only NAME…]\nnames: ${systemNames.join(' ')}`;
  const { values, positionals } = parsed(argv, usage);
  const runs = Number(values.runs);
  if (!Number.isSafeInteger(runs) || runs < 1) throw new UsageError(`--runs takes a number from 1 on\n${usage}`);
  if (positionals.length > 0 && values.only === undefined) throw new UsageError(usage);
  const only = [...(values.only ?? []), ...positionals].flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !systemNames.includes(name));
  if (unknown.length > 0) throw new UsageError(`no such system: ${unknown.join(', ')}\n${usage}`);
  return { quick: values.quick, runs, json: values.json, only };
}

function parsed(argv: readonly string[], usage: string) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        runs: { type: 'string', default: '5' },
        json: { type: 'string' },
        only: { type: 'string', multiple: true },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
}
