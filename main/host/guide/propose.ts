import { existsSync } from 'node:fs';
import type { HostProposal } from '../../contracts/host-guide.ts';
import { interval, merge, networksOf } from '../addresses/interval.ts';
import { outboundAddress, surroundings, tunnelName } from '../service/index.ts';
import { checkMachine } from './checks.ts';
import { readMachine } from './machine/facts.ts';
import { parseRoutes } from './machine/routes.ts';
import { textOf } from './machine/udp-ports.ts';
import { suggestPool } from './pool.ts';

/** Stock clients know no others. */
const ikePorts = [500, 4500];

/** Where everything private is in use, somebody has to choose. */
const lastResort = '10.91.37.0/24';

/** Looks at the machine, and suggests what a first host of it could be. Never throws. */
export async function proposeHost(configFile: string): Promise<HostProposal> {
  const { hostNetworks } = surroundings(Date.now());
  const address = await outboundAddress();
  const machine = await readMachine(ikePorts, address, tunnelName);
  const own = hostNetworks.map(({ network }) => network);
  const taken = [...own, ...parseRoutes(textOf('/proc/net/route'))];
  return {
    configFile,
    isSetUp: existsSync(configFile),
    checks: [...checkMachine(machine)],
    reachedBy: machine.reachedBy,
    ...(address !== undefined && { address }),
    addresses: own.flatMap((network) => network.split('/', 1)).slice(0, 256),
    pool: suggestPool(taken, Math.random) ?? lastResort,
    routes: officeNetworks(own),
  };
}

/** Whole networks of IPv4, without what is one address alone. */
function officeNetworks(own: readonly string[]): string[] {
  const networks = own.map(interval).filter(({ family, first, last }) => family === 4 && last > first);
  return merge(networks).flatMap(networksOf).slice(0, 64);
}
