import { isIPv6 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { failure, type Result } from '../../contracts/failure.ts';
import { describeSystemError } from '../../files/system-error.ts';
import type { CryptoPort } from '../../protocol/crypto.ts';
import type { AccountingRecord, Purpose } from '../../protocol/radius/index.ts';
import {
  DynamicAuthorizationListener,
  RadiusClient,
  type ConfiguredRadius,
  type ListenerOptions,
  type RadiusEvent,
} from '../radius/index.ts';

export interface RadiusServersOptions {
  readonly crypto: CryptoPort;
  readonly onEvent: (event: RadiusEvent) => void;
  readonly onRequest: ListenerOptions['onRequest'];
  readonly say: (text: string) => void;
  /** What anybody on the network can make it say. */
  readonly chat: (text: string) => void;
  /** How long a client that is replaced may finish what it has begun. */
  readonly retireMs: number;
}

/** How a new configuration relates to the accounting of the one before. */
export type AccountingTurn = 'stays' | 'begins' | 'ends';

/** The RADIUS client and what listens to servers, of whichever configuration is in force. */
export class RadiusServers {
  readonly #options: RadiusServersOptions;
  readonly #retired = new Map<RadiusClient, AbortController>();
  #configured: ConfiguredRadius | undefined;
  #client: RadiusClient | undefined;
  #listeners: readonly DynamicAuthorizationListener[] = [];

  constructor(options: RadiusServersOptions) {
    this.#options = options;
  }

  get client(): RadiusClient | undefined {
    return this.#client;
  }

  /** The address of a server by its name. */
  addressOf(purpose: Purpose, server: string): string | undefined {
    return this.#configured?.client.servers[purpose].find(({ name }) => name === server)?.address;
  }

  /** Puts a configuration in force, or leaves all as it was where a port cannot be had. */
  async use(next: ConfiguredRadius | undefined): Promise<Result<AccountingTurn>> {
    const before = this.#configured;
    if (!isDeepStrictEqual(before?.dynamicAuthorization, next?.dynamicAuthorization)) {
      await this.#closeListeners();
      const opened = await this.#listen(next);
      if (!opened.ok) {
        await this.#listen(before);
        return opened;
      }
    }
    const turn = turnOf(before, next);
    if (!isDeepStrictEqual(before?.client, next?.client)) {
      const old = this.#client;
      this.#client = next && new RadiusClient(next.client, this.#options.crypto, this.#options.onEvent);
      if (turn === 'ends') old?.account({ kind: 'off' });
      if (old !== undefined) this.#retire(old);
    }
    this.#configured = next;
    return { ok: true, value: turn };
  }

  /** Nothing where nobody keeps accounts. */
  account(record: AccountingRecord | undefined): void {
    if (record !== undefined) this.#client?.account(record);
  }

  /** Waits for the accounting, as long as `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    await this.#closeListeners();
    const all = [...this.#retired.keys(), ...(this.#client === undefined ? [] : [this.#client])];
    const drained = await Promise.all(all.map((client) => client.drained(patienceMs)));
    if (drained.includes(false)) this.#options.say('RADIUS: accounting records are lost, no server took them');
    for (const hurry of this.#retired.values()) hurry.abort();
    await Promise.all(all.map((client) => client.close()));
  }

  /** Sign-ins under way get their answer, and records that wait their server. */
  #retire(client: RadiusClient): void {
    const hurry = new AbortController();
    this.#retired.set(client, hurry);
    const { retireMs } = this.#options;
    const time = pause(retireMs, undefined, { ref: false, signal: hurry.signal }).catch(() => undefined);
    void Promise.all([time, client.drained(retireMs)]).then(async () => {
      this.#retired.delete(client);
      await client.close();
    });
  }

  async #listen(configured: ConfiguredRadius | undefined): Promise<Result<undefined>> {
    const asked = configured?.dynamicAuthorization;
    if (asked === undefined) return { ok: true, value: undefined };
    const { crypto, onRequest, chat } = this.#options;
    const families = new Set(asked.config.clients.map(({ address }) => (isIPv6(address) ? '::' : '0.0.0.0')));
    const onLog = (text: string): void => {
      chat(`RADIUS: ${text}`);
    };
    try {
      for (const address of families) {
        const options = { address, port: asked.port, config: asked.config, crypto, onRequest, onLog };
        this.#listeners = [...this.#listeners, await DynamicAuthorizationListener.open(options)];
      }
      return { ok: true, value: undefined };
    } catch (error) {
      await this.#closeListeners();
      const reason = `${asked.port} for radius.dynamicAuthorization: ${describeSystemError(error)}`;
      return { ok: false, failure: failure('helper.portBusy', { reason }) };
    }
  }

  async #closeListeners(): Promise<void> {
    const open = this.#listeners;
    this.#listeners = [];
    await Promise.all(open.map((listener) => listener.close()));
  }
}

function turnOf(before: ConfiguredRadius | undefined, next: ConfiguredRadius | undefined): AccountingTurn {
  const keepsAccounts = (configured: ConfiguredRadius | undefined): boolean =>
    configured !== undefined && configured.client.servers.accounting.length > 0;
  if (keepsAccounts(before) === keepsAccounts(next)) return 'stays';
  return keepsAccounts(next) ? 'begins' : 'ends';
}
