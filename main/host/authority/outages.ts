import type { AuditEvent } from '../../contracts/audit.ts';

export interface OutagesOptions {
  readonly say: (text: string) => void;
  readonly record: (event: AuditEvent) => void;
}

interface Server {
  readonly kind: Extract<AuditEvent, { kind: 'serverUnavailable' }>['server'];
  /** As the administrator knows it; unique with its kind. */
  readonly name: string;
  /** Name or address. */
  readonly host: string;
}

const titles: Readonly<Record<Server['kind'], string>> = {
  radius: 'RADIUS server',
  ldap: 'LDAP server',
  winbind: 'winbind, by',
};

/** Servers that fail, and return: each turn is told once, however many sign-ins meet it. */
export class Outages {
  readonly #options: OutagesOptions;
  readonly #down = new Set<string>();

  constructor(options: OutagesOptions) {
    this.#options = options;
  }

  down({ kind, name, host }: Server, trouble: string): void {
    if (this.#down.has(keyOf(kind, name))) return;
    this.#down.add(keyOf(kind, name));
    this.#options.say(`${titles[kind]} ${name} is unavailable: ${trouble}`);
    this.#options.record({ kind: 'serverUnavailable', server: kind, address: host });
  }

  up(kind: Server['kind'], name: string): void {
    if (this.#down.delete(keyOf(kind, name))) this.#options.say(`${titles[kind]} ${name} answers again`);
  }
}

function keyOf(kind: Server['kind'], name: string): string {
  return `${kind} ${name}`;
}
