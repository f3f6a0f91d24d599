export interface Target {
  readonly ratio: string;
  readonly bound: 'atLeast' | 'atMost';
  readonly value: number;
}

export type Verdict = 'met' | 'missed' | 'not measured';

const atLeast = (ratio: string, value: number): Target => ({ ratio, bound: 'atLeast', value });

/** What the data path has to show. */
export const targets: readonly Target[] = [
  atLeast('tcp1_gcm_veth', 0.4),
  atLeast('tcp1_gcm_openvpn', 15),
  atLeast('tcp1_gcm_softether', 15),
  atLeast('tcp1_gcm_libcrypto_veth', 0.28),
  atLeast('tcp1_cbcsha1_veth', 0.33),
  atLeast('tcp8_gcm_tcp1_gcm', 1),
  atLeast('tcpboth_gcm_tcp1_gcm', 1),
  atLeast('udp64_gcm_openvpn', 3),
  atLeast('sessions10000_over_1', 0.95),
  { ratio: 'latency99_gcm_ms', bound: 'atMost', value: 5 },
];

export function verdictOf({ bound, value }: Target, measured: number | undefined): Verdict {
  if (measured === undefined) return 'not measured';
  return (bound === 'atLeast' ? measured >= value : measured <= value) ? 'met' : 'missed';
}
