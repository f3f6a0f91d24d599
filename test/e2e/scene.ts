import { afterEach, beforeEach, expect } from 'vitest';
import { type Culvert, type CulvertOptions, startCulvert } from '../support/culvert.ts';
import { createNetwork, type Host, type Machine, type Network } from '../support/namespaces.ts';
import { fetchOfficePage, officePageTitle, transfer } from '../support/peers/office.ts';
import { type SoftEther, type SoftEtherOptions, startSoftEther } from '../support/peers/softether.ts';
import {
  startStrongswanGateway,
  type StrongswanGateway,
  type StrongswanGatewayOptions,
} from '../support/peers/uml/strongswan-gateway.ts';

export const softEtherAddress = '203.0.113.10';
export const clientAddress = '203.0.113.30';

/** A fresh test network for each test, and everything that is started in it, ended afterwards in reverse. */
export interface Scene {
  readonly network: Network;
  client(label?: string, options?: Parameters<Network['addMachine']>[1]): Promise<Host>;
  /** Two clients behind one NAT. */
  clientsBehindNat(): Promise<Host[]>;
  softEther(options?: SoftEtherOptions): Promise<SoftEther>;
  /** The machine that the last `softEther` runs on. */
  softEtherMachine(): Host;
  strongswan(options?: StrongswanGatewayOptions): Promise<StrongswanGateway>;
  culvert(machine: Machine, options: CulvertOptions): Culvert;
  /** Something else that has to end with the test. */
  afterwards(cleanUp: () => Promise<unknown>): void;
}

/** Registers the hooks; to be called once in a file or `describe`. */
export function useScene(): Scene {
  let network: Network | undefined;
  let softEtherMachine: Host | undefined;
  const cleanUps: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    network = await createNetwork();
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await network?.remove();
  });
  const current = (): Network => {
    if (network === undefined) throw new Error('a scene exists only within its tests');
    return network;
  };
  return {
    get network() {
      return current();
    },
    client: (label = 'client', options = { address: clientAddress }) => current().addMachine(label, options),
    clientsBehindNat: () =>
      Promise.all(
        ['192.168.50.11', '192.168.50.12'].map((address, index) =>
          current().addMachine(`client${index}`, { address, behindNat: true }),
        ),
      ),
    softEther: async (options) => {
      softEtherMachine = await current().addMachine('softether', { address: softEtherAddress });
      const started = await startSoftEther(softEtherMachine, options);
      cleanUps.push(() => started.stop());
      return started;
    },
    softEtherMachine: () => {
      if (softEtherMachine === undefined) throw new Error('SoftEther was not started');
      return softEtherMachine;
    },
    strongswan: async (options) => {
      const started = await startStrongswanGateway(current(), options);
      cleanUps.push(() => started.stop());
      return started;
    },
    culvert: (machine, options) => {
      const started = startCulvert(machine, options);
      cleanUps.push(() => started.cleanUp());
      return started;
    },
    afterwards: (cleanUp) => {
      cleanUps.push(cleanUp);
    },
  };
}

/** Ping, a page, and `bytes` over TCP each way with equal checksums. */
export async function expectTraffic(machine: Machine, innerAddress: string, bytes = 100_000_000): Promise<void> {
  // Until three are answered: a gateway's pppd grants an address some 0.4 s before it carries packets.
  await machine.exec(['ping', '-q', '-c3', '-i0.2', '-w10', innerAddress]);
  expect(await fetchOfficePage(machine)).toContain(officePageTitle);
  for (const direction of ['send', 'receive'] as const) {
    const carried = await transfer(machine, direction, bytes);
    expect(carried.bytes).toBe(bytes);
    expect(carried.remoteSha256).toBe(carried.localSha256);
  }
}
