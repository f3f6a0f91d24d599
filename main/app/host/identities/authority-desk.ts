import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { loadOwnCertificate, readRevocationListFile, revocationListDates } from '../../../certificates/index.ts';
import { failure, type Result } from '../../../contracts/failure.ts';
import type { HostConfig } from '../../../contracts/host-config.ts';
import { hostControl, type HostAnswer } from '../../../contracts/host-control.ts';
import type { ArgumentTaken, ValueGiven } from '../../../contracts/ipc/index.ts';
import type { Secret } from '../../../contracts/secret.ts';
import { askControl } from '../../../engine/control-socket.ts';
import { beside } from '../../../files/durable.ts';
import {
  clientFileName,
  endingCertificates,
  endingOwn,
  isCurrent,
  issueClientFile,
  newAuthority,
  openCertificateAuthority,
  type AuthorityResult,
  type AuthorityState,
  type CertificateAuthority,
} from '../../../host/ca/index.ts';
import { AuditBusy, recordAuthority } from '../../../host/offline/index.ts';
import { outboundAddress, ownCertificates } from '../../../host/service/index.ts';
import { askWhereTo, askWhichFiles, save, saveWhereAsked } from '../../files/dialogs.ts';
import type { HostAdministration } from '../administration.ts';
import { authorityResult, guarded, refusedConfiguration, Refused } from '../failures.ts';
import type { HostKeeper } from '../keeper.ts';

const done: Result<undefined> = { ok: true, value: undefined };
const shownCertificates = 1000;
const importable = ['p12', 'pfx', 'pem'];

interface Opened {
  readonly config: HostConfig;
  readonly authority: CertificateAuthority;
}

/** The host's own certificate authority: what it is, what it issued, and what it is told to do. Never rejects. */
export class AuthorityDesk {
  readonly #keeper: HostKeeper;
  readonly #administration: HostAdministration;

  constructor(keeper: HostKeeper, administration: HostAdministration) {
    this.#keeper = keeper;
    this.#administration = administration;
  }

  show(): Promise<Result<ValueGiven<'host.authority'>>> {
    return this.#with(async ({ authority, config }) => {
      const { warnDays } = config.certificateAuthority;
      const nowMs = Date.now();
      const state = await authority.state();
      if (!state.ok && state.reason !== 'none') return authorityResult(state);
      const issued = state.ok ? state.value.issued : [];
      const certificates = await ownCertificates(config, this.#administration.configFile);
      const ending = new Set(endingOwn(certificates, [], nowMs, warnDays).map(({ serial }) => serial));
      const own = certificates.map((certificate) => ({
        certificate,
        isIssuedHere: issued.some(({ serial }) => serial === certificate.serial),
        isEnding: ending.has(certificate.serial),
      }));
      const server = config.clients.server ?? (await outboundAddress()) ?? '';
      const shown = state.ok && shownAuthority(authority, state.value, nowMs, warnDays);
      return { ok: true, value: { own, server, ...(shown !== false && { authority: shown }) } };
    });
  }

  create({ organization, key }: ArgumentTaken<'host.createAuthority'>): Promise<Result<undefined>> {
    return this.#do(({ authority }) => authority.create({ ...newAuthority, organization, key }));
  }

  async import(passphrase: Secret<string> | undefined): Promise<Result<boolean>> {
    const [file] = await askWhichFiles({ properties: ['openFile'], filters: [{ name: '', extensions: importable }] });
    if (file === undefined) return { ok: true, value: false };
    const secret = passphrase === undefined ? {} : { passphrase };
    const loaded = await loadOwnCertificate(
      extname(file).toLowerCase() === '.pem'
        ? { kind: 'pem', certificateFile: file, keyFile: file, ...secret }
        : { kind: 'pkcs12', file, ...secret },
    );
    if (!loaded.ok) {
      const facts = { file: basename(file), reason: loaded.detail };
      return { ok: false, failure: failure('host.authorityUnreadable', facts) };
    }
    const taken = await this.#do(({ authority }) => authority.adopt(loaded.own));
    return taken.ok ? { ok: true, value: true } : taken;
  }

  async issueServer(names: readonly string[]): Promise<Result<undefined>> {
    const issued = await this.#do(({ authority }) => authority.server(names));
    const config = this.#administration.config();
    if (!issued.ok || !config.ok || config.value.certificates !== undefined) return issued;
    const { files } = openedOf(config.value, this.#administration.configFile).authority;
    const value = {
      own: [{ pem: files.server, key: files.serverKey }],
      trust: { authorities: [files.authority], revocationLists: [files.list] },
      userBinding: 'commonName',
    };
    return this.#administration.edit([{ path: ['certificates'], value }]);
  }

  async issueClient(wanted: ArgumentTaken<'host.issueClient'>): Promise<Result<string | undefined>> {
    const { user, device } = wanted;
    // Before anything is issued: whoever cancels wants no certificate.
    const file = await askWhereTo({ defaultPath: clientFileName({ user, device }) });
    if (file === undefined) return { ok: true, value: undefined };
    const issued = await this.#do(({ authority }) =>
      issueClientFile(authority, { ...wanted, device }, (content) => {
        const saved = save(file, content);
        if (!saved.ok) throw new Refused(saved.failure);
      }),
    );
    return issued.ok ? { ok: true, value: file } : issued;
  }

  revoke(serial: string): Promise<Result<undefined>> {
    return this.#do(({ authority }) => authority.revoke({ serial }));
  }

  renewList(): Promise<Result<undefined>> {
    return this.#do(({ authority }) => authority.list());
  }

  save(what: 'authority' | 'list'): Promise<Result<string | undefined>> {
    return this.#with(({ authority: { files } }) => {
      const content = readFileSync(files[what]);
      return saveWhereAsked({ defaultPath: basename(files[what]) }, content);
    });
  }

  /** Changes the authority; then what was done is recorded, and in force. */
  async #do(work: (opened: Opened) => Promise<AuthorityResult<unknown>>): Promise<Result<undefined>> {
    const changed = await this.#with(async (opened) => {
      const worked = authorityResult(await work(opened));
      return worked.ok ? this.#settle(opened) : worked;
    });
    this.#keeper.changed();
    return changed;
  }

  /** A running host records it itself, and reads the files again: who came in by what was revoked has to go. */
  async #settle({ authority, config }: Opened): Promise<Result<undefined>> {
    const { running } = this.#keeper;
    if (running !== undefined) {
      const reloaded = await running.reload();
      return reloaded.ok ? done : notInForce(refusedConfiguration(reloaded.errors).cause);
    }
    // It may run outside the app by now.
    const { controlSocket } = this.#keeper.folders;
    const asked = await askControl(controlSocket, hostControl, { request: 'reload' });
    if (asked.reached) return inForce(asked.answer);
    if (asked.why !== 'notRunning') return notInForce('it cannot be asked to take it over');
    try {
      const recorded = await recordAuthority(this.#administration.configFile, config, authority);
      return recorded.ok ? done : authorityResult(recorded);
    } catch (error) {
      if (error instanceof AuditBusy) return notInForce('it writes the audit log, and cannot be reached');
      throw error;
    }
  }

  #with<Value>(work: (opened: Opened) => Promise<Result<Value>>): Promise<Result<Value>> {
    return guarded(() => {
      const config = this.#administration.config();
      return config.ok ? work(openedOf(config.value, this.#administration.configFile)) : config;
    });
  }
}

function openedOf(config: HostConfig, configFile: string): Opened {
  const { folder, urls } = config.certificateAuthority;
  return { config, authority: openCertificateAuthority(beside(configFile, folder), urls) };
}

function inForce(answer: HostAnswer): Result<undefined> {
  if (answer.answer === 'reloaded') return done;
  const isRefused = answer.answer === 'configurationRefused';
  return notInForce(isRefused ? refusedConfiguration(answer.errors).cause : 'it refuses to read its files again');
}

/** What was done is done, and on the disk. */
function notInForce(reason: string): Result<never> {
  return { ok: false, failure: failure('host.notInForce', { reason: reason.replace(/\.$/, '') }) };
}

type Shown = NonNullable<ValueGiven<'host.authority'>['authority']>;

function shownAuthority(
  { files }: CertificateAuthority,
  state: AuthorityState,
  nowMs: number,
  warnDays: number,
): Shown {
  const ending = new Set(endingCertificates(state, nowMs, warnDays).map(({ serial }) => serial));
  const standing = (one: AuthorityState['issued'][number]): Shown['issued'][number]['standing'] => {
    if (one.revokedAt !== undefined) return 'revoked';
    if (!isCurrent(one, nowMs)) return 'over';
    return ending.has(one.serial) ? 'ending' : 'good';
  };
  const list = readRevocationListFile(files.list);
  const [der] = list.ok ? list.ders : [];
  const untilMs = der && revocationListDates(der).nextUpdateMs;
  return {
    certificate: state.authority,
    issued: state.issued
      .slice(-shownCertificates)
      .reverse()
      .map((one) => ({ ...one, standing: standing(one) })),
    isCut: state.issued.length > shownCertificates,
    isEnding: ending.has(state.authority.serial),
    ...(untilMs !== undefined && { listUntil: new Date(untilMs).toISOString() }),
    files: { authority: files.authority, list: files.list },
  };
}
