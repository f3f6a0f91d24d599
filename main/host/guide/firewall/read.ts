import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { runningPrograms, textOf } from '../machine/udp-ports.ts';
import { fateOf, type Fate } from './nftables.ts';

/** Who manages the firewall of this machine: whoever wants to open it does so there. */
export type FirewallManager = 'ufw' | 'firewalld' | 'none';

/** What the machine's firewall does with a client, as far as this user may know; `unknown` where it may not. */
export interface FirewallFacts {
  readonly manager: FirewallManager;
  /** The worse of both ports. */
  readonly ports: Fate | 'unknown';
  /** What comes out of the tunnels, on its way to the office. */
  readonly forwarded: Fate | 'unknown';
}

const nft = ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft'];
const patienceMs = 5000;
const longestRulesetBytes = 32 * 1024 * 1024;
const run = promisify(execFile);

/** @param tunnelName  the interface that clients' packets come out of */
export async function readFirewall(ports: readonly number[], tunnelName: string): Promise<FirewallFacts> {
  const manager = managerOf();
  const ruleset = await readRuleset();
  if (ruleset === undefined) return { manager, ports: 'unknown', forwarded: 'unknown' };
  return {
    manager,
    ports: worst(ports.map((toPort) => fateOf(ruleset, { hook: 'input', toPort }))),
    forwarded: fateOf(ruleset, { hook: 'forward', from: tunnelName }),
  };
}

/** Rules of the kernel's old tables, which nft does not show. */
function hasOldRules(): boolean {
  return /^filter$/m.test(textOf('/proc/net/ip_tables_names'));
}

function managerOf(): FirewallManager {
  if (/^ENABLED=yes\s*$/im.test(textOf('/etc/ufw/ufw.conf'))) return 'ufw';
  return runningPrograms().some(({ name }) => name === 'firewalld') ? 'firewalld' : 'none';
}

function worst(fates: readonly Fate[]): Fate {
  return (['dropped', 'perhaps'] as const).find((fate) => fates.includes(fate)) ?? 'accepted';
}

/** The kernel tells its rules to root alone. `undefined`: it did not tell. */
async function readRuleset(): Promise<unknown> {
  const program = nft.find((path) => existsSync(path));
  if (program === undefined || process.getuid?.() !== 0 || hasOldRules()) return undefined;
  try {
    const options = { timeout: patienceMs, maxBuffer: longestRulesetBytes, env: {} };
    const { stdout } = await run(program, ['--json', 'list', 'ruleset'], options);
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}
