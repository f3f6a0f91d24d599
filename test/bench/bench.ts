// How fast the data path is, beside the bare wire and other VPNs on the same machine at the same time:
// `npm run bench -- [--quick] [--runs N] [--json FILE] [--only NAME…]`. The method is in docs/development.md.
import { writeFileSync } from 'node:fs';
import { measures } from './measures/index.ts';
import { type Options, parseOptions, reportUsage, UsageError } from './options.ts';
import { isBusy, machineFacts, measuredCommit } from './report/machine.ts';
import { ratiosOf } from './report/ratios.ts';
import { mediansOf, type Problem } from './report/results.ts';
import { textOf } from './report/text.ts';
import { measureAll, startAll, type Up } from './rounds.ts';
import type { System } from './system.ts';
import { systems } from './systems/index.ts';

const fullTimes = { warmUpMs: 300, measureMs: 2000 } as const;
const quickTimes = { warmUpMs: 300, measureMs: 1000 } as const;

const say = (line: string): void => {
  console.error(line);
};

/** Ctrl-C must end like any other end, so that what runs at the end of the process does run. */
function endOrderly(): void {
  for (const [signal, number] of [['SIGINT', 2] as const, ['SIGTERM', 15] as const, ['SIGHUP', 1] as const]) {
    process.once(signal, () => process.exit(128 + number));
  }
}

/** Ours and the wire have to work; a rival that does not is only not compared with. */
function isBroken(problems: readonly Problem[], chosen: readonly System[]): boolean {
  const rivals = new Set(chosen.filter(({ kind }) => kind === 'peer').map(({ name }) => name));
  return problems.some(({ kind, system }) => kind === 'wrongBytes' || (kind === 'failed' && !rivals.has(system)));
}

async function stopAll(up: readonly Up[]): Promise<void> {
  for (const { system, tunnel } of up) {
    await tunnel.stop().catch((error: unknown) => {
      say(`${system.name}: did not stop: ${String(error)}`);
    });
  }
}

async function bench({ quick, runs, json, only }: Options): Promise<void> {
  const chosen = systems.filter(({ name, kind }) =>
    only.length > 0 ? only.includes(name) : !quick || kind !== 'sessions',
  );
  const date = new Date().toISOString();
  const machine = machineFacts();
  const { up, problems: notStarted } = await startAll(chosen, say);
  const chosenMeasures = measures.filter((measure) => !quick || measure.quick);
  const times = quick ? quickTimes : fullTimes;
  const { samples, problems: notMeasured } = await measureAll(up, chosenMeasures, { runs, times, say }).finally(() =>
    stopAll(up),
  );
  const problems = [...notStarted, ...notMeasured];
  const medians = mediansOf(samples);
  const ratios = ratiosOf(medians);
  console.log(`\n${textOf({ systems: chosen, medians, ratios, problems, runs })}`);
  if (isBusy(machine))
    console.log(`The machine was busy with other work (load ${machine.loadBefore}): measure again.\n`);
  if (json !== undefined) {
    const commit = await measuredCommit();
    const titles = Object.fromEntries(chosen.map(({ name, title }) => [name, title]));
    const record = { machine, date, commit, quick, runs, systems: titles, raw: samples, problems, ratios };
    writeFileSync(json, `${JSON.stringify(record, null, 2)}\n`);
  }
  if (isBroken(problems, chosen)) process.exitCode = 1;
}

endOrderly();
try {
  await bench(
    parseOptions(
      process.argv.slice(2),
      systems.map(({ name }) => name),
    ),
  );
} catch (error) {
  if (error instanceof UsageError) {
    reportUsage(error);
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}
