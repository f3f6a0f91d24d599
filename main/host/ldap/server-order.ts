import type { LdapServer } from './connection/server.ts';

/** For so long a server that could not be spoken to is asked after the others, so that not every sign-in waits for it. */
const restMs = 60_000;

/** Servers in the order in which they are asked: as configured, but last those that failed a short time ago. */
export class ServerOrder {
  readonly #servers: readonly LdapServer[];
  readonly #restsUntilMs = new Map<LdapServer, number>();

  constructor(servers: readonly LdapServer[]) {
    this.#servers = servers;
  }

  failed(server: LdapServer, nowMs: number): void {
    this.#restsUntilMs.set(server, nowMs + restMs);
  }

  now(nowMs: number): readonly LdapServer[] {
    const rests = (server: LdapServer): boolean => (this.#restsUntilMs.get(server) ?? nowMs) > nowMs;
    return [...this.#servers.filter((server) => !rests(server)), ...this.#servers.filter(rests)];
  }
}
