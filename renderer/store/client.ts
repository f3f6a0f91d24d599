import type { ArgumentGiven, CallName, ValueTaken } from '../../main/contracts/ipc/index.ts';
import type { Bridge } from '../../main/contracts/ipc/bridge.ts';
import type { Result } from '../../main/contracts/failure.ts';

declare global {
  interface Window {
    readonly culvert: Bridge;
  }
}

/** Asks the program for something. A call without an argument takes none. Rejects only where the program is broken. */
export async function call<Name extends CallName>(
  name: Name,
  ...[argument]: ArgumentGiven<Name> extends undefined ? [] : [argument: ArgumentGiven<Name>]
): Promise<Result<ValueTaken<Name>>> {
  return (await window.culvert.call(name, argument)) as Result<ValueTaken<Name>>;
}
