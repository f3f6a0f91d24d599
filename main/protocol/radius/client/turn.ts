import type { Step } from '../../machine.ts';
import type { RadiusEnvironment } from '../environment.ts';
import type { Exchange, QueuedRecord, RadiusState, ServerState } from './state.ts';
import type { Purpose, RadiusConfig, RadiusEffect, RadiusServer, ServerTrouble } from './types.ts';

/** One step in the making: a private copy of the state, and the effects so far. */
export class Turn {
  readonly config: RadiusConfig;
  readonly env: RadiusEnvironment;
  readonly servers: Record<Purpose, ServerState[]>;
  readonly exchanges: Map<number, Exchange>;
  readonly effects: RadiusEffect[] = [];
  nextSerial: number;
  queue: readonly QueuedRecord[];
  accountingHeldUntilMs: number | undefined;

  constructor(state: RadiusState, env: RadiusEnvironment) {
    this.config = state.config;
    this.env = env;
    this.servers = {
      authentication: [...state.servers.authentication],
      accounting: [...state.servers.accounting],
    };
    this.exchanges = new Map(state.exchanges);
    this.nextSerial = state.nextSerial;
    this.queue = state.queue;
    this.accountingHeldUntilMs = state.accountingHeldUntilMs;
  }

  emit(effect: RadiusEffect): void {
    this.effects.push(effect);
  }

  log(text: string): void {
    this.emit({ kind: 'log', text });
  }

  /** What the configuration says of a server. @throws RangeError where there is none: a fault of the caller. */
  server(purpose: Purpose, index: number): RadiusServer {
    const server = this.config.servers[purpose][index];
    if (server === undefined) throw new RangeError(`there is no ${purpose} server ${index}`);
    return server;
  }

  health(purpose: Purpose, index: number): ServerState {
    const health = this.servers[purpose][index];
    if (health === undefined) throw new RangeError(`there is no ${purpose} server ${index}`);
    return health;
  }

  update(purpose: Purpose, index: number, changes: Partial<ServerState>): void {
    this.servers[purpose][index] = { ...this.health(purpose, index), ...changes };
  }

  isDead(purpose: Purpose, index: number): boolean {
    const { deadUntilMs } = this.health(purpose, index);
    return deadUntilMs !== undefined && this.env.nowMs < deadUntilMs;
  }

  bury(purpose: Purpose, index: number, trouble: ServerTrouble): void {
    const known = this.health(purpose, index).deadUntilMs !== undefined;
    this.update(purpose, index, { deadUntilMs: this.env.nowMs + this.config.deadTimeMs });
    if (!known) this.emit({ kind: 'serverDown', purpose, server: this.server(purpose, index).name, trouble });
  }

  heard(purpose: Purpose, index: number): void {
    const known = this.health(purpose, index).deadUntilMs !== undefined;
    this.update(purpose, index, { deadUntilMs: undefined, heardMs: this.env.nowMs });
    if (known) this.emit({ kind: 'serverUp', purpose, server: this.server(purpose, index).name });
  }

  step(): Step<RadiusState, RadiusEffect> {
    const { config, servers, exchanges, nextSerial, queue, accountingHeldUntilMs } = this;
    return { state: { config, servers, exchanges, nextSerial, queue, accountingHeldUntilMs }, effects: this.effects };
  }
}
