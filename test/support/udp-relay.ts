import type { Machine } from './namespaces.ts';
import type { Running } from './processes.ts';
import { inRepository } from './repository.ts';

export interface UdpRelayOptions {
  readonly gateway: string;
  /** Added each way. */
  readonly delayMs: number;
  /** Up to this much more, evenly spread; datagrams overtake each other then. */
  readonly jitterMs?: number;
  /** The share that is lost, each way, 0 to 1. */
  readonly loss?: number;
  readonly seed?: number;
  readonly ports?: readonly number[];
}

/**
 * Makes a machine stand in for a gateway at a distance: clients connect to the machine's address. Unplug the machine to
 * make the gateway fall silent.
 */
export async function startUdpRelay(machine: Machine, options: UdpRelayOptions): Promise<Running> {
  const settings = { listen: machine.address, ports: [500, 4500], jitterMs: 0, loss: 0, seed: 1, ...options };
  const program = inRepository('test/support/programs/udp-relay.mjs');
  const relay = machine.spawn([process.execPath, program, JSON.stringify(settings)]);
  await relay.until(/^ready$/m);
  return relay;
}
