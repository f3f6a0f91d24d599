import { emptyLcpFrame } from '../../protocol/ppp/index.ts';
import type { Turn } from './turn.ts';
import type { ClientState } from './types.ts';

/**
 * SoftEther's PPP thread handles one packet each time it is woken, begins the authentication and acknowledges an address
 * only in a later round, and wakes by itself every 300 ms at first and every 3 s after the sign-in. Any frame wakes it.
 */
const vendorsThatSleep: ReadonlySet<string> = new Set(['L2TP']); // SoftEther's Vendor Name AVP
const intervalMs = 20;

/** The call is up: from now on the gateway may have to be woken. */
export function startNudging(turn: Turn): void {
  const { gatewayVendor } = turn.state;
  if (gatewayVendor !== undefined && vendorsThatSleep.has(gatewayVendor)) scheduleNudge(turn);
}

function scheduleNudge(turn: Turn): void {
  turn.set({ nudgeDueMs: turn.env.nowMs + intervalMs });
}

export function nudgeDueMs({ life, link, nudgeDueMs }: ClientState): number | undefined {
  return life.at === 'connecting' && link !== undefined ? nudgeDueMs : undefined;
}

export function tickNudge(turn: Turn): void {
  const dueMs = nudgeDueMs(turn.state);
  if (dueMs === undefined || turn.env.nowMs < dueMs) return;
  scheduleNudge(turn);
  const session = turn.state.config.attempt;
  turn.effects.push({ kind: 'command', command: { kind: 'sendPpp', session }, attachment: emptyLcpFrame });
}
