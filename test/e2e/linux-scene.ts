import { expect } from 'vitest';
import { type CulvertHost, type CulvertHostOptions, startCulvertHost } from '../support/culvert-host.ts';
import type { Host } from '../support/namespaces.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { officeAddress, startOffice } from '../support/peers/office.ts';
import { type StockClient, type StockClientOptions, startStockClient } from '../support/peers/uml/stock-client.ts';
import { eventually } from '../support/processes.ts';
import { type Scene, useScene } from './scene.ts';

export const megabyte = 1_000_000;
const gatewayAddress = '203.0.113.40';
/** Who may sign in, each from anywhere. */
export const names = [userName, 'bob', 'carol', 'dora'];

/** A host with an office behind it, and strongSwan, xl2tpd and pppd on a real kernel as its clients. */
interface LinuxScene {
  readonly scene: Scene;
  readonly startHost: (
    options?: Partial<CulvertHostOptions>,
  ) => Promise<{ readonly gateway: Host; readonly host: CulvertHost }>;
  readonly stockClient: (options?: Partial<StockClientOptions>) => Promise<StockClient>;
}

/** Registers the hooks; to be called once in a file or `describe`. */
export function useLinuxScene(): LinuxScene {
  const scene = useScene();
  const startHost: LinuxScene['startHost'] = async (options = {}) => {
    const gateway = await scene.network.addMachine('gateway', { address: gatewayAddress });
    const office = await startOffice(gateway);
    scene.afterwards(() => office.stop());
    const host = await startCulvertHost(gateway, {
      users: names.map((name) => ({ user: { name }, password })),
      ...options,
      config: { groups: { default: { dns: { servers: [officeAddress] } } }, ...options.config },
    });
    scene.afterwards(() => host.cleanUp());
    return { gateway, host };
  };
  const stockClient: LinuxScene['stockClient'] = async (options = {}) => {
    const started = await startStockClient(scene.network, { gateway: gatewayAddress, ...options });
    scene.afterwards(() => started.stop());
    return started;
  };
  return { scene, startHost, stockClient };
}

/** Both ways, and what arrives is what was sent. */
export async function expectCarried(from: StockClient, bytes: number): Promise<void> {
  for (const direction of ['send', 'receive'] as const) {
    const { localSha256, remoteSha256 } = await from.transfer(direction, bytes);
    expect(localSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(remoteSha256).toBe(localSha256);
  }
}

export function nobodyIsLeft(host: CulvertHost, withinMs: number): Promise<true> {
  return eventually('the end of every session', withinMs, async () => (await host.sessions()).length === 0);
}
