import type { Environment } from '../machine.ts';
import { authDeadlineMs, type AuthState } from './auth/machine.ts';
import type { ControlProtocol, ControlState } from './control/index.ts';
import { lcpCodes, type EchoState } from './echo.ts';
import { clientIpcpRules, hostIpcpRules, type IpcpWishes } from './options/ipcp.ts';
import { ipv6cpRules, type Ipv6cpWishes } from './options/ipv6cp.ts';
import { lcpRules, type LcpWishes } from './options/lcp.ts';
import type { LinkConfig, LinkEffect, PppCause } from './types.ts';

interface Living {
  readonly config: LinkConfig;
  readonly lcp: ControlState<LcpWishes>;
  /** How many `verify` effects there were. */
  readonly attempts: number;
  /** Frames that came before their phase: the peer opened a layer whose last packet to us was lost. */
  readonly early: readonly Uint8Array[];
}

/** No wishes: every kind of compression is rejected. */
export type CcpWishes = null;

export interface Ipcp {
  readonly control: ControlState<IpcpWishes>;
  /** Host: what the peer gets. */
  readonly assigned: string | undefined;
}

export interface NetworkLayer extends Living {
  readonly at: 'network';
  readonly auth: AuthState | undefined;
  readonly userName: string;
  /** Absent on the host until there is an address for the peer. */
  readonly ipcp: Ipcp | undefined;
  readonly ipv6cp: ControlState<Ipv6cpWishes> | undefined;
  readonly ccp: ControlState<CcpWishes> | undefined;
  readonly echo: EchoState | undefined;
}

/** RFC 1661 §3.2, with the phases by what they need to know. */
export type LinkState =
  | { readonly at: 'idle'; readonly config: LinkConfig }
  | ({ readonly at: 'establishing' } & Living)
  | ({ readonly at: 'authenticating'; readonly auth: AuthState } & Living)
  | NetworkLayer
  | {
      readonly at: 'terminating';
      readonly config: LinkConfig;
      readonly lcp: ControlState<LcpWishes>;
      readonly cause: PppCause;
    }
  | { readonly at: 'closed'; readonly cause: PppCause };

/** One step of the link under way: the functions of this folder move `state` along and add to `effects`. */
export interface LinkTurn {
  state: LinkState;
  readonly effects: LinkEffect[];
  readonly env: Environment;
  /** What this step has yet to receive, in order. */
  readonly frames: Uint8Array[];
}

const lcpExtraCodes: ReadonlySet<number> = new Set(Object.values(lcpCodes));
const noCodes: ReadonlySet<number> = new Set();
/** Reset-Request and Reset-Ack (RFC 1962 §3). */
const ccpExtraCodes: ReadonlySet<number> = new Set([14, 15]);

export function lcpProtocol(config: LinkConfig): ControlProtocol<LcpWishes> {
  return { rules: lcpRules(config), extraCodes: lcpExtraCodes, restart: config.restart };
}

export function ipcpProtocol(config: LinkConfig, assigned: string | undefined): ControlProtocol<IpcpWishes> {
  const isHost = config.role === 'host' && assigned !== undefined;
  const rules = isHost ? hostIpcpRules(config, assigned) : clientIpcpRules;
  return { rules, extraCodes: noCodes, restart: config.restart };
}

export function ipv6cpProtocol(config: LinkConfig): ControlProtocol<Ipv6cpWishes> {
  return { rules: ipv6cpRules, extraCodes: noCodes, restart: config.restart };
}

export function ccpProtocol(config: LinkConfig): ControlProtocol<CcpWishes> {
  return { rules: [], extraCodes: ccpExtraCodes, restart: config.restart };
}

/** When the link wants its next `tick`, in the environment's milliseconds; `undefined`: only input can move it. */
export function linkDeadlineMs(state: LinkState): number | undefined {
  const deadlines: (number | undefined)[] = [];
  if ('lcp' in state) deadlines.push(state.lcp.dueMs);
  if (state.at === 'authenticating') deadlines.push(authDeadlineMs(state.auth));
  if (state.at === 'network') {
    deadlines.push(state.ipcp?.control.dueMs, state.ipv6cp?.dueMs, state.ccp?.dueMs, state.echo?.dueMs);
  }
  const known = deadlines.filter((deadline) => deadline !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
