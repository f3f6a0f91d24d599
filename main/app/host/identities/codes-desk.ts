import { failure, type Result } from '../../../contracts/failure.ts';
import type { ArgumentTaken, ValueGiven } from '../../../contracts/ipc/index.ts';
import type { Secret } from '../../../contracts/secret.ts';
import { qrRows } from '../../../host/clients/index.ts';
import { confirmed, driftSteps, newEnrolment, type Enrolment } from '../../../host/users/index.ts';
import { saveWhereAsked } from '../../files/dialogs.ts';
import type { HostAdministration } from '../administration.ts';

/** How long a secret that was shown waits for its first code. */
const patienceMs = 15 * 60_000;

/** The one method by which a client can be asked for something. */
const asking = 'eap-gtc';

/** The second factor of local users: a secret counts once a first code has shown that a telephone has it. */
export class CodesDesk {
  readonly #administration: HostAdministration;
  /** One at a time: a newer one takes the older one's place. */
  #pending: { readonly name: string; readonly enrolment: Enrolment; readonly untilMs: number } | undefined;

  constructor(administration: HostAdministration) {
    this.#administration = administration;
  }

  begin(name: string): Result<ValueGiven<'host.beginEnrolment'>> {
    const config = this.#administration.config();
    if (!config.ok) return config;
    const nowMs = Date.now();
    const enrolment = newEnrolment(name, config.value.oneTimeCodes.issuer, nowMs);
    this.#pending = { name, enrolment, untilMs: nowMs + patienceMs };
    const { uri, codes } = enrolment;
    const secret = codes.secret.expose().replaceAll(/.{4}(?=.)/g, '$& ');
    return { ok: true, value: { secret, code: qrRows(uri.expose()) } };
  }

  async confirm({
    name,
    code,
  }: ArgumentTaken<'host.confirmEnrolment'>): Promise<Result<ValueGiven<'host.confirmEnrolment'>>> {
    const config = this.#administration.config();
    if (!config.ok) return config;
    const pending = this.#pending;
    const nowMs = Date.now();
    if (pending?.name !== name || pending.untilMs < nowMs) {
      return { ok: false, failure: failure('host.enrolmentOver', { user: name }) };
    }
    const drift = driftSteps(config.value.oneTimeCodes.drift);
    const enrolment = confirmed(pending.enrolment, code, nowMs, drift);
    if (enrolment === undefined) return { ok: false, failure: failure('host.codeWrong') };
    const enrolled = await this.#administration.change(name, (users) => users.enrol(name, enrolment));
    if (!enrolled.ok) return enrolled;
    this.#pending = undefined;
    return shown(enrolled.value.recovery);
  }

  asked(): Result<ValueGiven<'host.codesAsked'>> {
    const config = this.#administration.config();
    if (!config.ok) return config;
    return { ok: true, value: { asked: config.value.authentication.methods.includes(asking) } };
  }

  ask(asked: boolean): Promise<Result<undefined>> {
    const config = this.#administration.config();
    if (!config.ok) return Promise.resolve(config);
    const others = config.value.authentication.methods.filter((method) => method !== asking);
    const kept = others.length === 0 ? (['mschapv2'] as const) : others;
    const value = asked ? [asking, ...kept] : kept;
    return this.#administration.edit([{ path: ['authentication', 'methods'], value }]);
  }

  async renewRecovery(name: string): Promise<Result<ValueGiven<'host.renewRecovery'>>> {
    const renewed = await this.#administration.change(name, (users) => users.renewRecovery(name));
    return renewed.ok ? shown(renewed.value.recovery) : renewed;
  }

  save({ name, recovery }: ArgumentTaken<'host.saveRecoveryCodes'>): Promise<Result<string | undefined>> {
    const text = [`Recovery codes of ${name}: each works once, in place of a code.`, '', ...recovery, ''].join('\n');
    return saveWhereAsked({ defaultPath: 'recovery-codes.txt' }, text);
  }
}

function shown(recovery: readonly Secret<string>[]): Result<{ recovery: string[] }> {
  return { ok: true, value: { recovery: recovery.map((code) => code.expose()) } };
}
