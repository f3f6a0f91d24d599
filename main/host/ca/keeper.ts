import type { Server } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { readCertificateFile, readRevocationListFile, revocationListDates } from '../../certificates/index.ts';
import type { AuditEvent } from '../../contracts/audit.ts';
import type { CertificateSummary } from '../../contracts/certificates.ts';
import type { CertificateAuthorityConfig } from '../../contracts/host-ca.ts';
import { dayMs } from '../../contracts/time.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { beside } from '../../files/durable.ts';
import { openCertificateAuthority, type AuthorityState, type CertificateAuthority } from './authority.ts';
import { endingCertificates, endingOwn, type CertificateEnding } from './ending.ts';
import { endingIssued } from './issued.ts';
import { serveRevocationList, type Served } from './list-server.ts';
import { listDays } from './publish.ts';

export interface KeeperOptions {
  /** As they are now: a reload may change them. */
  readonly settings: () => {
    readonly config: CertificateAuthorityConfig;
    readonly configFile: string;
    /** What the host proves itself by, whoever issued it. */
    readonly own: readonly CertificateSummary[];
  };
  readonly record: (event: AuditEvent) => void;
  readonly say: (text: string) => void;
  /** The files of the authority changed, which the configuration may name. */
  readonly changed: () => void;
}

const everyMs = 3600_000;

/**
 * What a running host does about its certificates: the revocation list is renewed before it is too old, and served; the server's
 * certificate is renewed before it ends; what is about to end is in the audit log once a day.
 */
export class CertificateKeeper {
  readonly #options: KeeperOptions;
  readonly #timer: NodeJS.Timeout;
  /** Of each certificate, when it was last said that it ends. */
  readonly #told = new Map<string, number>();
  #serving: { readonly where: CertificateAuthorityConfig['serve']; readonly server: Server } | undefined;
  #served: Served | undefined;
  #busy: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#look(true);
    }, everyMs);
    this.#timer.unref();
    this.look();
  }

  /** Looks after everything now: at the start, every hour, and after a reload. */
  look(): void {
    this.#look(false);
  }

  /** @param isByItself  nobody has had the files read again just now */
  #look(isByItself: boolean): void {
    this.#busy = this.#busy
      .then(() => this.#lookNow(isByItself))
      .catch((error: unknown) => {
        this.#options.say(`the certificate authority cannot be looked after: ${describeSystemError(error)}`);
      });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#busy;
    this.#stopServing();
  }

  async #lookNow(isByItself: boolean): Promise<void> {
    if (this.#isStopped) return;
    const { config, configFile, own } = this.#options.settings();
    const authority = openCertificateAuthority(beside(configFile, config.folder), config.urls);
    const state = await authority.state();
    const ofOthers = endingOwn(own, state.ok ? state.value.issued : [], Date.now(), config.warnDays);
    if (!state.ok) {
      this.#tell(ofOthers);
      if (state.reason !== 'none') this.#options.say(`the certificate authority cannot be used: ${state.reason}`);
      this.#stopServing();
      return;
    }
    const isRenewed = await this.#renew(authority, state.value, config);
    await authority.record(this.#options.record);
    this.#tell([...endingCertificates(state.value, Date.now(), config.warnDays), ...ofOthers]);
    const before = this.#served;
    this.#served = read(authority);
    await this.#serve(config.serve);
    // Whoever wrote another list may not have reached this host.
    const isAnother = isByItself && before !== undefined && !isDeepStrictEqual(before.list, this.#served?.list);
    if (isRenewed || isAnother) this.#options.changed();
  }

  async #renew(
    authority: CertificateAuthority,
    { issued }: AuthorityState,
    { warnDays }: CertificateAuthorityConfig,
  ): Promise<boolean> {
    const nowMs = Date.now();
    const isListOld = isOld(authority.files.list, nowMs);
    if (isListOld) await authority.list();
    const ending = endingIssued(issued, nowMs, warnDays).some(({ use }) => use === 'server');
    const renewed = ending ? await authority.renewServer() : undefined;
    if (renewed?.ok === false)
      this.#options.say('the server\'s certificate could not be renewed: run "culvert host ca server"');
    return isListOld || renewed?.ok === true;
  }

  /** Each once a day. */
  #tell(ending: readonly CertificateEnding[]): void {
    const nowMs = Date.now();
    for (const event of ending) {
      if (nowMs - (this.#told.get(event.serial) ?? 0) < dayMs) continue;
      this.#told.set(event.serial, nowMs);
      this.#options.record(event);
    }
    for (const [serial, atMs] of this.#told) if (nowMs - atMs > 2 * dayMs) this.#told.delete(serial);
  }

  async #serve(where: CertificateAuthorityConfig['serve']): Promise<void> {
    if (isDeepStrictEqual(where, this.#serving?.where)) return;
    this.#stopServing();
    if (where === undefined) return;
    try {
      this.#serving = { where, server: await serveRevocationList(where, () => this.#served) };
    } catch (error) {
      this.#options.say(
        `the revocation list is not served at ${where.address}, port ${where.port}: ${describeSystemError(error)}`,
      );
    }
  }

  #stopServing(): void {
    this.#serving?.server.close();
    this.#serving?.server.closeAllConnections();
    this.#serving = undefined;
  }
}

function isOld(listFile: string, nowMs: number): boolean {
  const read = readRevocationListFile(listFile);
  const [der] = read.ok ? read.ders : [];
  const nextUpdateMs = der && revocationListDates(der).nextUpdateMs;
  return nextUpdateMs === undefined || nextUpdateMs - nowMs < (listDays / 2) * dayMs;
}

function read({ files }: CertificateAuthority): Served | undefined {
  const list = readRevocationListFile(files.list);
  const authority = readCertificateFile(files.authority);
  const [listDer, authorityDer] = [list.ok ? list.ders[0] : undefined, authority.ok ? authority.ders[0] : undefined];
  return listDer === undefined || authorityDer === undefined ? undefined : { list: listDer, authority: authorityDer };
}
