import { accessSync, constants, existsSync } from 'node:fs';
import { readFirewall } from '../firewall/read.ts';
import type { MachineFacts } from '../checks.ts';
import { reachedAt } from './reached-by.ts';
import { portHolders, textOf } from './udp-ports.ts';

const forwardingSwitch = '/proc/sys/net/ipv4/ip_forward';

/**
 * Looks at this machine. Never throws: what this user may not see stays unknown.
 *
 * @param address  by which the machine itself goes out
 */
export async function readMachine(
  ports: readonly number[],
  address: string | undefined,
  tunnelName: string,
): Promise<MachineFacts> {
  return {
    ports,
    holders: portHolders(ports),
    reachedBy: reachedAt(address),
    address,
    firewall: await readFirewall(ports, tunnelName),
    tunnelName,
    forwarding: forwarding(),
    hasTunDevice: existsSync('/dev/net/tun'),
  };
}

function forwarding(): MachineFacts['forwarding'] {
  if (textOf(forwardingSwitch).trim() === '1') return 'on';
  try {
    accessSync(forwardingSwitch, constants.W_OK);
    return 'off';
  } catch (error) {
    // Who is not root cannot write there; the helper can.
    const isReadOnly = error instanceof Error && 'code' in error && error.code === 'EROFS';
    return isReadOnly ? 'fixedOff' : 'off';
  }
}
