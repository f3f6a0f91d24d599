import type { System } from '../system.ts';
import { culverts, culvertsWithSessions } from './culvert.ts';
import { openvpn } from './openvpn.ts';
import { softethers } from './softether.ts';
import { veth } from './veth.ts';
import { wireguard } from './wireguard.ts';

/** Everything that is measured, in the order of the tables. */
export const systems: readonly System[] = [
  veth,
  ...culverts,
  openvpn,
  wireguard,
  ...softethers,
  ...culvertsWithSessions,
];
