import { failure, type Failure } from '../contracts/failure.ts';

/** sudo-prompt's own words, which it does not translate. */
const withoutAgent = /polkit authentication agent/i;
const withoutProgram = /Unable to find pkexec/;
const denied = /did not grant permission/;
/** pkexec's, of who said no or may not; where it says something else, it could not even ask. */
const answeredNo = /Not authorized|Request dismissed/;

/**
 * Why a command was not run with administrator rights; `undefined` where it was, and failed by itself.
 *
 * @param message  sudo-prompt's error
 * @param stderr  the program's that asks: pkexec's on Linux
 * @param command  what somebody can type instead
 */
export function refusalOf(message: string, stderr: string, command: string): Failure | undefined {
  const unavailable = (reason: string): Failure => failure('elevation.unavailable', { command, reason });
  if (withoutAgent.test(message)) return unavailable('no polkit agent runs on this desktop');
  if (withoutProgram.test(message)) return unavailable('pkexec is not installed');
  if (!denied.test(message)) return undefined;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (said === '' || answeredNo.test(stderr)) return failure('elevation.refused', { command });
  return unavailable(said.replaceAll(/\p{C}/gu, '').replace(/\.$/, '').slice(0, 300));
}
