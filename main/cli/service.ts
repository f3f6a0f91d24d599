import { Command } from 'commander';
import type { Failure } from '../contracts/failure.ts';
import { phases } from '../contracts/failure.ts';
import type { HelperServiceState } from '../contracts/helper-service.ts';
import { installService, serviceState, uninstallService } from '../elevation/index.ts';
import { asTyped } from './as-typed.ts';
import { describeRefusal } from './present.ts';

/** `culvert service`: the helper's service, for machines that got Culvert without a package. */
export function serviceProgram(): Command {
  const program = new Command('service').description(
    'The service by which ordinary users connect and host, without sudo.',
  );
  program
    .command('status')
    .description('Say whether it is installed and runs, and whether this user may use it. Exit code 1 unless both.')
    .option('--json', 'print one JSON object instead of text')
    .action(async (flags: { json?: true }) => {
      const state = await serviceState();
      console.log(flags.json === true ? JSON.stringify(state) : asTyped(describeState(state)));
      process.exitCode = state.state === 'running' && state.allowed ? 0 : 1;
    });
  program
    .command('install')
    .description("Install it, or upgrade it to this program's release. Connections go on.")
    .action(async () => {
      const done = await installService();
      if (!done.ok) return refuse(done.failure);
      const { added, startsWithMachine } = done.value;
      console.log('The service is installed and runs.');
      if (added !== undefined) console.log(`${added} is in the group culvert now, and may connect at once.`);
      if (!startsWithMachine)
        console.log('There is no systemd here: after a restart of the machine, install it again.');
    });
  program
    .command('uninstall')
    .description('End every connection of the service, and remove it.')
    .action(async () => {
      const done = await uninstallService();
      if (!done.ok) return refuse(done.failure);
      console.log('The service is removed; the network is as it was.');
    });
  return program;
}

function refuse(failure: Failure): void {
  console.error(describeRefusal(failure));
  process.exitCode = phases[failure.phase].exitCode;
}

function describeState(state: HelperServiceState): string {
  switch (state.state) {
    case 'absent':
      return 'The service is not installed: sudo culvert service install';
    case 'outdated':
      return 'The service is of another release than this program: sudo culvert service install';
    case 'stopped':
      return 'The service is installed, but does not run: sudo culvert service install';
    case 'broken':
      return `The service does not answer as it should (${state.reason}): sudo culvert service install`;
    case 'running':
      return state.allowed
        ? 'The service runs, and this user may use it.'
        : `The service runs, but this user is not in the group ${state.group}.`;
  }
}
