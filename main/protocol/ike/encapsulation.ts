import type { IsakmpSa } from './state.ts';

/** ESP travels in UDP where a NAT is between the ends, or one of them pretends so (RFC 3948). */
export function encapsulationOf({ nat }: Pick<IsakmpSa, 'nat'>): 'udp' | 'none' {
  return nat?.local === true || nat?.remote === true ? 'udp' : 'none';
}
