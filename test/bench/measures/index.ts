import { latency } from './latency.ts';
import type { Measure } from './measure.ts';
import { tcp1, tcp8, tcp8spread, tcpboth } from './tcp.ts';
import { udp1300, udp64 } from './udp.ts';

export type { FigureName, Figures, Measure } from './measure.ts';

/** In the order of a round. */
export const measures: readonly Measure[] = [tcp1, tcp8, tcpboth, tcp8spread, latency, udp1300, udp64];
