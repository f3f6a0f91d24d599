import type { HostConfig } from '../../contracts/host-config.ts';
import type { Decision } from '../../contracts/session-policy.ts';
import { type CertificateFacts, sourceOf } from '../../protocol/ike/index.ts';
import type { AuthMethod, Further, Verdict, VerifyRequest } from '../../protocol/ppp/index.ts';
import type { SessionFacts } from '../../protocol/radius/index.ts';
import { resolvePolicy } from '../policy/index.ts';
import { foldedName, type LockOut, type LockOutVerdict } from '../users/index.ts';
import { isSameUser, type Admission, type Ledger } from './ledger.ts';
import { isName } from './names.ts';
import { isGuess, refusalVerdict, type RefusalVerdict, type SignInReason } from './refusals.ts';
import { isBoundTo } from './user-binding.ts';
import type { Answer, Source, SourceName } from './sources/source.ts';

/** By what a sign-in is judged: made anew from each configuration. */
export interface Bench {
  readonly config: HostConfig;
  readonly hostDnsServers: readonly string[];
  /** In the order in which they are asked. */
  readonly sources: readonly Source[];
  readonly lockOut: LockOut;
}

export interface SignIn {
  readonly session: number;
  /** Where it comes from: an address. */
  readonly source: string;
  readonly method: AuthMethod;
  readonly request: VerifyRequest;
  readonly radius: SessionFacts;
  /** Of the client, where it came in by one. */
  readonly certificate?: CertificateFacts;
  /** Sessions of the same client from before: they go if this one comes. */
  readonly replaces: readonly number[];
}

export type SignInOutcome =
  | {
      readonly kind: 'admitted';
      readonly verdict: Extract<Verdict, { ok: true }>;
      readonly admission: Admission;
      readonly decisions: readonly Decision[];
      /** Sessions of the same user that have to go, oldest first. */
      readonly displaced: readonly number[];
    }
  | {
      readonly kind: 'refused';
      readonly verdict: RefusalVerdict;
      readonly reason: SignInReason;
      readonly judgedBy?: SourceName;
      /** This refusal locked somebody out. */
      readonly lock?: Extract<LockOutVerdict, { locked: true }>;
    }
  /** There is more to be said; `refused`: since what was said was wrong, which counts as any wrong password. */
  | {
      readonly kind: 'further';
      readonly further: Further;
      readonly refused?: SignInReason;
      readonly judgedBy?: SourceName;
    }
  /** Who asked has hung up. */
  | { readonly kind: 'cancelled' };

/** Judges sign-ins. What one guesses at one user from one address is judged one after another, so that none slips by the count. */
export class SignInDesk {
  readonly #ledger: Ledger;
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Enters whom it admits into the ledger. Rejects only where a source does. */
  async judge(signIn: SignIn, bench: () => Bench, hangUp: AbortSignal): Promise<SignInOutcome> {
    const user = signIn.request.userName;
    // What cannot be a name cannot be written down as one either, and is nobody's.
    if (!isName(user)) return refused('unknownUser');
    return this.#inTurn(`${sourceOf(signIn.source)} ${foldedName(user)}`, () =>
      this.#judgeNamed(signIn, bench, hangUp),
    );
  }

  async #judgeNamed(signIn: SignIn, benchNow: () => Bench, hangUp: AbortSignal): Promise<SignInOutcome> {
    const { source, request, radius } = signIn;
    const bench = benchNow();
    const { lockOut, config } = bench;
    const user = foldedName(request.userName);
    if (isOver(hangUp)) return { kind: 'cancelled' };
    if (!isBoundTo(signIn.certificate, config.certificates?.userBinding, request.userName)) {
      return refused('certificateOfAnother');
    }
    if (lockOut.judge(source, user, performance.now()).locked) return refused('lockedOut');
    const limit = withLimit(hangUp, config.authentication.timeout * 1000);
    const sources = bench.sources.filter(({ name }) => mayJudge(name, request));
    const { answer, judgedBy } = await ask(sources, { request, session: radius }, limit.signal).finally(limit.clear);
    if (isOver(hangUp)) return { kind: 'cancelled' };
    switch (answer.kind) {
      case 'accepted':
        lockOut.succeeded(source, user);
        // What holds is what is configured now: a reload may have come while the servers were asked.
        return this.#admit(signIn, answer, benchNow());
      case 'refused':
        return this.#refuse(signIn, bench, { ...answer, ...(judgedBy !== undefined && { judgedBy }) });
      case 'further':
        return this.#goOn(signIn, bench, { ...answer, ...(judgedBy !== undefined && { judgedBy }) });
      case 'unknown':
        // Nobody is told who is known: whoever is not is asked as all others are, and refused afterwards.
        if (request.method === 'eap' && answersEap(config)) return { kind: 'further', further: ownEap };
        return this.#refuse(signIn, bench, refused('unknownUser'));
      case 'unable':
        if (request.method === 'eap' && answersEap(config)) return { kind: 'further', further: ownEap };
        return this.#refuse(signIn, bench, refused('noCommonMethod'));
      case 'unavailable':
      case 'cancelled': // by the time limit
        return refused('serversUnavailable', judgedBy);
    }
  }

  /** A wrong code counts, and nobody who is locked out is asked for another. */
  #goOn(signIn: SignIn, bench: Bench, further: Extract<SignInOutcome, { kind: 'further' }>): SignInOutcome {
    const { refused: reason, judgedBy } = further;
    if (reason === undefined) return further;
    const refusal = this.#refuse(signIn, bench, refused(reason, judgedBy));
    return refusal.kind === 'refused' && refusal.lock !== undefined ? refusal : further;
  }

  #refuse(
    { source, request }: SignIn,
    { lockOut }: Bench,
    refusal: Extract<SignInOutcome, { kind: 'refused' }>,
  ): SignInOutcome {
    if (!isGuess(refusal.reason)) return refusal;
    const lock = lockOut.failed(source, foldedName(request.userName), performance.now());
    return lock.locked ? { ...refusal, verdict: { ...refusal.verdict, retryAllowed: false }, lock } : refusal;
  }

  #admit(signIn: SignIn, answer: Extract<Answer, { kind: 'accepted' }>, bench: Bench): SignInOutcome {
    const { request } = signIn;
    const { verdict, judgedBy, grant, endsAtMs, accounting } = answer;
    const by = judgedBy.source;
    if (!bench.sources.some(({ name }) => name === by)) return refused('serversUnavailable', by);
    const decidedAtMs = Date.now();
    const known = {
      ...(grant !== undefined && { grant }),
      ...(endsAtMs !== undefined && { endsAtMs }),
    };
    const resolution = resolvePolicy({
      config: bench.config,
      hostDnsServers: bench.hostDnsServers,
      user: request.userName,
      nowMs: decidedAtMs,
      ...(judgedBy.source === 'local' && { localUser: judgedBy.localUser }),
      ...known,
    });
    if (!resolution.ok) return refused(resolution.reason, by);
    const { policy, decisions } = resolution;
    if (lacksSecondFactor(signIn, answer, policy.groups, bench.config)) return refused('notEnrolled', by);
    const others = this.#ledger.admitted([signIn.session, ...signIn.replaces]);
    const own = others.filter(({ admission }) =>
      isSameUser(admission, { user: request.userName, judgedBy, accounting }),
    );
    const surplus = own.length + 1 - policy.sessionsPerUser;
    if (surplus > 0 && policy.whenSessionsReached === 'refuse') return refused('sessionsReached', by);
    const displaced = own.slice(0, Math.max(0, surplus)).map(({ session }) => session);
    if (others.length - displaced.length >= bench.config.limits.sessions) return refused('sessionLimit', by);
    const admission = { user: request.userName, method: signIn.method, judgedBy, policy, decidedAtMs, ...known };
    const whole = { ...admission, endsWithAccount: endsWithAccount(decisions), accounting };
    // At once: whoever is judged next has to find it there.
    this.#ledger.change(signIn.session, { progress: 'admitted', admission: whole });
    return { kind: 'admitted', verdict, admission: whole, decisions, displaced };
  }

  async #inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#queues.get(key) ?? Promise.resolve()).then(work, work);
    this.#queues.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#queues.get(key) === turn) this.#queues.delete(key);
    }
  }
}

const ownEap: Further = { ok: 'further', kind: 'own' };

export function answersEap({ authentication }: HostConfig): boolean {
  return authentication.methods.some((method) => method.startsWith('eap-'));
}

/** Whoever asked for more has to judge what comes of it. */
function mayJudge(source: SourceName, request: VerifyRequest): boolean {
  const token = 'token' in request ? request.token : undefined;
  return token === undefined || token.by === source;
}

/**
 * A certificate is one. So is what a RADIUS server asked for, or did not: that is its own to decide. A directory has only
 * passwords.
 */
function lacksSecondFactor(
  { method }: SignIn,
  { judgedBy }: Extract<Answer, { kind: 'accepted' }>,
  groups: readonly string[],
  config: HostConfig,
): boolean {
  const isRequired = groups.some((name) => config.groups[name]?.oneTimeCode === 'required');
  if (!isRequired || judgedBy.source === 'radius' || method === 'eap-tls') return false;
  return judgedBy.source !== 'local' || judgedBy.localUser.oneTimeCode === undefined;
}

const isOver = ({ aborted }: AbortSignal): boolean => aborted;

/** The session's time is up when the account's is. */
export function endsWithAccount(decisions: readonly Decision[]): boolean {
  return decisions.some(({ member, from }) => member === 'sessionTimeout' && from === 'account');
}

function refused(reason: SignInReason, judgedBy?: SourceName): Extract<SignInOutcome, { kind: 'refused' }> {
  return { kind: 'refused', reason, verdict: refusalVerdict(reason), ...(judgedBy !== undefined && { judgedBy }) };
}

interface Asked {
  readonly answer: Answer;
  readonly judgedBy?: SourceName;
}

/** The next source is asked only where one does not know the name, or cannot judge by this method at all. */
async function ask(
  sources: readonly Source[],
  question: Parameters<Source['judge']>[0],
  signal: AbortSignal,
): Promise<Asked> {
  let passed: Answer = { kind: 'unknown' };
  for (const source of sources) {
    const answer = await source.judge(question, signal);
    if (answer.kind === 'unable') passed = answer;
    else if (answer.kind !== 'unknown') return { answer, judgedBy: source.name };
  }
  return { answer: passed };
}

function withLimit(hangUp: AbortSignal, limitMs: number): { readonly signal: AbortSignal; readonly clear: () => void } {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort();
  }, limitMs);
  return {
    signal: AbortSignal.any([hangUp, limit.signal]),
    clear: () => {
      clearTimeout(timer);
    },
  };
}
