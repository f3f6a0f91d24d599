import type { Machine } from '../namespaces.ts';
import type { Running } from '../processes.ts';
import { inRepository } from '../repository.ts';

/** Where every gateway's office is: a web page on port 80 and the services `transfer` talks to. */
export const officeAddress = '10.20.0.1';
export const officeRoute = '10.20.0.0/16';
export const officePageTitle = 'Welcome to the office';

export interface Transfer {
  readonly bytes: number;
  readonly tookMs: number;
  readonly localSha256: string;
  readonly remoteSha256: string;
}

const program = (name: string): string => inRepository('test/support/programs', name);

/** Starts the office on a machine that is itself the gateway. Ends with the machine, or when stopped. */
export async function startOffice(machine: Machine): Promise<Running> {
  await machine.exec(['ip', 'address', 'replace', `${officeAddress}/16`, 'dev', 'lo']);
  return serveOffice(machine, officeAddress);
}

/** What an office offers, at an address that the machine has already. */
export async function serveOffice(machine: Machine, address: string): Promise<Running> {
  const server = machine.spawn([process.execPath, program('office-server.mjs'), address]);
  await server.until(/^ready$/m);
  return server;
}

/** Carries `bytes` over TCP from the machine to the office (`send`) or back (`receive`), and reports both ends' sums. */
export async function transfer(
  machine: Machine,
  direction: 'send' | 'receive',
  bytes: number,
  timeoutMs = 120_000,
  address = officeAddress,
): Promise<Transfer> {
  const argv = [process.execPath, program('transfer.mjs'), address, direction, String(bytes)];
  const { stdout } = await machine.exec(argv, { timeoutMs });
  return JSON.parse(stdout) as Transfer;
}

/** Fetches the office's page with plain HTTP from the machine. */
export async function fetchOfficePage(machine: Machine): Promise<string> {
  const script = `process.stdout.write(await (await fetch('http://${officeAddress}/')).text())`;
  const argv = [process.execPath, '--input-type=module', '--eval', script];
  return (await machine.exec(argv, { timeoutMs: 30_000 })).stdout;
}
