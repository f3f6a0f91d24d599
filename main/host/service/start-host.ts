import type { AuditEvent } from '../../contracts/audit.ts';
import type { Failure, Result } from '../../contracts/failure.ts';
import { createCrypto } from '../../engine/crypto/index.ts';
import { helperFolders, type HostFolders } from '../../engine/folders.ts';
import { openHelper } from '../../engine/open-helper.ts';
import type { Helper } from '../../helper/index.ts';
import { describeSystemError } from '../../files/system-error.ts';
import type { CryptoPort } from '../../protocol/crypto.ts';
import { AddressSupply, DhcpSources, reservedAddresses } from '../addresses/index.ts';
import type { Authority, OpenAuthority } from '../authority/index.ts';
import { openVersions, type Problem } from '../configuration/index.ts';
import { type Configured, groundOf, machineOf, planOf, problemOf, readConfiguration } from './configured/configured.ts';
import { helperFailure } from './failures.ts';
import { HostService } from './host-service.ts';
import type { HostLog } from './log.ts';
import { RunningHost } from './running-host.ts';
import { SignIns } from './online/sign-ins.ts';
import { openSockets } from './sockets.ts';

export interface HostOptions {
  readonly configFile: string;
  readonly folders: Pick<HostFolders, 'versions' | 'leases'>;
  /** Of this program, for people. */
  readonly version: string;
  readonly openAuthority: OpenAuthority;
  /** Absent: as everybody's. */
  readonly openHelper?: () => Promise<Result<Helper>>;
  readonly log: HostLog;
  /** Told of each event that the audit log has taken. */
  readonly recorded: (event: AuditEvent, atMs: number) => void;
}

export type StartedHost =
  | { readonly ok: true; readonly host: RunningHost; readonly warnings: readonly Problem[] }
  /** The configuration cannot be used: every error of it. */
  | { readonly ok: false; readonly errors: readonly Problem[] }
  /** The system refused, perhaps for what was doubted. */
  | { readonly ok: false; readonly failure: Failure; readonly warnings?: readonly Problem[] };

/**
 * Makes a configuration file a running gateway. Nothing is left of one that does not start.
 *
 * @throws on system errors of the host's own files
 */
export async function startHost(options: HostOptions): Promise<StartedHost> {
  const read = await readConfiguration(options.configFile);
  if (!read.ok) return read;
  const helper = await (options.openHelper?.() ?? openHelper(helperFolders('host')));
  if (!helper.ok) return helper;
  if (helper.value.recovered) {
    options.log({ level: 'info', source: 'helper', text: 'undid what an earlier run had left in the network' });
  }
  const started = await startWith(read.configured, helper.value, options).catch((error: unknown) => {
    helper.value.close();
    throw error;
  });
  if (!started.ok) helper.value.close();
  return started;
}

async function startWith(
  configured: Configured,
  helper: Helper,
  { version, folders, openAuthority, log, recorded }: HostOptions,
): Promise<StartedHost> {
  const { config, text, warnings } = configured;
  const crypto = await createCrypto();
  const signIns = new SignIns();
  const running: { service?: HostService } = {};
  const opened = await openAuthority({
    ground: groundOf(configured),
    crypto,
    give: (input) => {
      running.service?.give(input);
    },
    say: (said) => {
      log({ level: 'info', source: 'authority', text: said });
    },
    recorded: (event, atMs) => {
      signIns.observe(event, atMs);
      recorded(event, atMs);
    },
  });
  if (!opened.ok) return { ok: false, errors: [problemOf(opened.failure)] };
  const authority = opened.value;
  try {
    const service = await startService(configured, { helper, authority, crypto, log, leases: folders.leases });
    running.service = service;
    const versions = openVersions(folders.versions, config.keepVersions);
    versions.save(text, Date.now());
    const host = new RunningHost({ version, configured, versions, signIns, log, helper, service, authority });
    return { ok: true, host, warnings };
  } catch (error) {
    await authority.stop();
    return { ok: false, failure: helperFailure(error), warnings };
  }
}

interface ServiceParts {
  readonly helper: Helper;
  readonly authority: Authority;
  readonly crypto: CryptoPort;
  readonly log: HostLog;
  /** The journal of who had which address. */
  readonly leases: string;
}

/** Rejects as requests to the broker do, and with the system's errors. */
async function startService(configured: Configured, parts: ServiceParts): Promise<HostService> {
  const { helper, authority, crypto, log, leases } = parts;
  const { config } = configured;
  const warn = (text: string): void => {
    log({ level: 'warning', source: 'addresses', text });
  };
  const lan = new DhcpSources({
    crypto,
    say: warn,
    lost: (session, address) => {
      warn(`the DHCP server took ${address} back from session ${session}`);
      service.give({ kind: 'disconnect', who: { session }, cause: 'noAddress' });
    },
  });
  const reserved = await reservedAddresses(authority.users);
  const supply = new AddressSupply(leases, config, reserved, lan, (error) => {
    warn(`leases are not kept: ${describeSystemError(error)}`);
  });
  const machine = machineOf(configured, Date.now());
  const judge = configured.certificates?.judge;
  const { tls } = configured;
  const asked = { config, helper, crypto, machine, tls, plan: planOf(configured), supply, log };
  const service = new HostService({ ...asked, ...(judge !== undefined && { judge }) });
  try {
    await openSockets(helper, config);
    await service.open(authority);
    return service;
  } catch (error) {
    await supply.close();
    throw error;
  }
}
