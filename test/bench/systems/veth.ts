import { createPair } from '../../support/namespaces.ts';
import type { System } from '../system.ts';

/** The wire alone, with its own MTU and offloads: what no tunnel can reach. */
export const veth: System = {
  name: 'veth',
  title: 'plain veth',
  kind: 'underlay',
  start: async () => {
    const pair = await createPair();
    return {
      near: { machine: pair.near, address: pair.near.address },
      far: { machine: pair.far, address: pair.far.address },
      sources: [pair.near.address],
      diagnosis: () => '',
      stop: () => pair.remove(),
    };
  },
};
