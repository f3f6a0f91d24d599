// `npm run load`: looks at the arguments before anything is set up.
import { runProgram } from '../setup/run-program.mjs';
import { report, setUp } from '../setup/setup.mjs';
import { parseLoadOptions, UsageError } from './options.mjs';

const argv = process.argv.slice(2);
try {
  parseLoadOptions(argv);
  await setUp('demo');
  await runProgram(['test/load/load.ts', ...argv]);
} catch (error) {
  if (!(error instanceof UsageError)) report(error);
  else if (error.isHelp) console.log(error.message);
  else report(error.message);
}
