import { failure } from '../../contracts/failure.ts';
import type { PromptInSession } from '../../contracts/prompt.ts';
import {
  type AuthFailureCode,
  createLink,
  defaultRestart,
  type LinkEffect,
  type LinkInput,
  type PppCause,
  stepLink,
} from '../../protocol/ppp/index.ts';
import { toHex } from '../../protocol/wire/bytes.ts';
import { pppFailure } from './failures.ts';
import { applyNetwork } from './network.ts';
import { isIpv6 } from './plan.ts';
import type { Turn } from './turn.ts';
import type { Call } from './types.ts';

/** An approval on a telephone takes its time: never less than 60 s. */
const authenticationTimeoutMs = 75_000;

/** The gateway says nothing of the kind: it is only silent. */
const approvalText = 'The gateway takes its time. If it asks you elsewhere, such as on your telephone, approve there.';

/** Where there is nobody to ask, a new password may still be at hand: it is given in the same step. */
const newPasswordWaitMs = 1000;

/** The call is up: makes its session known to the datapath and starts PPP on it. */
export function openLink(turn: Turn): void {
  const { config, call } = turn.state;
  if (call === undefined) return;
  const { ppp } = config.profile;
  setSession(turn, call);
  turn.set({
    link: createLink({
      role: 'client',
      credentials: { userName: config.userName, password: config.password },
      methods: ppp.authentication,
      requestDns: true,
      requestWins: false,
      userWaitMs: Math.max(config.userWaitMs, config.newPassword === undefined ? 0 : newPasswordWaitMs),
      insideIpsec: true,
      mruBytes: call.mtuBytes,
      ipv6: ppp.ipv6 && config.kernelHasIpv6,
      echo: { intervalMs: ppp.echo.interval * 1000, failures: ppp.echo.failures },
      restart: { ...defaultRestart, firstMs: turn.firstWaitMs() },
      authenticationTimeoutMs,
    }),
  });
  turn.errands.push({ to: 'link', input: { kind: 'lowerUp' } });
}

function setSession(turn: Turn, call: Call): void {
  const { ipv4, ipv6LinkLocal, config } = turn.state;
  const { branch } = config.profile.network;
  turn.set({ call });
  turn.effects.push({
    kind: 'datapath',
    request: {
      kind: 'setSession',
      ...call,
      prefixes: [
        ...(ipv4 === undefined ? [] : [`${ipv4.localAddress}/32`, ...branch.filter((network) => !isIpv6(network))]),
        ...(ipv6LinkLocal === undefined ? [] : [`${ipv6LinkLocal}/128`, ...branch.filter(isIpv6)]),
      ],
    },
  });
}

export function feedLink(turn: Turn, input: LinkInput): void {
  const { link } = turn.state;
  if (link === undefined) return;
  const step = stepLink(link, input, turn.env);
  turn.set({ link: step.state });
  for (const effect of step.effects) perform(turn, effect);
}

function perform(turn: Turn, effect: LinkEffect): void {
  const { call, config, facts } = turn.state;
  switch (effect.kind) {
    case 'send':
      turn.effects.push({
        kind: 'command',
        command: { kind: 'sendPpp', session: config.attempt },
        attachment: effect.bytes,
      });
      return;
    case 'lcpUp':
      if (call !== undefined) {
        setSession(turn, {
          ...call,
          compressProtocol: effect.compressProtocol,
          compressAddressControl: effect.compressAddressControl,
          mtuBytes: Math.min(call.mtuBytes, effect.peerMruBytes),
        });
      }
      turn.enter('userAuthentication', `MRU ${effect.ourMruBytes}/${effect.peerMruBytes}`);
      return;
    case 'authenticated':
      closeQuestion(turn);
      if (effect.message !== '') turn.note(`The gateway says: ${effect.message}`);
      turn.set({ facts: { ...facts, authentication: effect.method } });
      if (turn.state.sentNewPassword) turn.effects.push({ kind: 'passwordChanged' });
      turn.enter('addresses', effect.method);
      return;
    case 'passwordExpired':
      if (config.newPassword !== undefined) {
        sendNewPassword(turn, config.newPassword);
        return;
      }
      openQuestion(turn, { kind: 'newPassword', userName: config.userName, text: effect.message });
      return;
    case 'challenge':
      openQuestion(turn, { kind: 'challenge', text: effect.text, masked: effect.masked });
      return;
    case 'waiting':
      openQuestion(turn, { kind: 'approval', text: effect.text === '' ? approvalText : effect.text });
      return;
    case 'notice':
      turn.note(`The gateway says: ${effect.text}`);
      return;
    case 'tls':
      turn.effects.push(effect);
      return;
    case 'credentialsRefused':
      turn.fail(pppFailure(refusal(effect.reason, effect.message), turn.failureContext()));
      return;
    case 'ipv4Up':
      ipv4Up(turn, effect);
      return;
    case 'ipv4Down':
      turn.fail(failure('gateway.hungUp', { reason: 'it withdrew the address' }, turn.state.timeline.phase));
      return;
    case 'peerIdent':
    case 'log':
      turn.log('ppp', effect.text);
      return;
    case 'ending':
      closeQuestion(turn);
      turn.fail(pppFailure(effect.cause, turn.failureContext()));
      return;
    case 'closed':
      closeQuestion(turn);
      turn.forget('link');
      if (turn.state.life.at === 'closing' && turn.state.life.step === 'link') turn.errands.push({ to: 'closing' });
      turn.fail(pppFailure(effect.cause, turn.failureContext()));
      return;
    case 'ipv6Up':
      ipv6Up(turn, effect.localInterfaceId);
      return;
    case 'ipv6Down':
    case 'verify':
    case 'addressWanted':
    case 'roundTrip':
      return;
  }
}

function sendNewPassword(turn: Turn, newPassword: string): void {
  turn.set({ sentNewPassword: true });
  turn.errands.push({ to: 'link', input: { kind: 'changePassword', newPassword } });
}

function refusal(reason: AuthFailureCode, message: string): PppCause {
  return { code: 'authenticationRejected', method: 'mschapv2', reason, message, retryAllowed: true };
}

// ── What the gateway asks of the user ────────────────────────────────────────────────────────────────────────────────

function openQuestion(turn: Turn, prompt: PromptInSession): void {
  const { questions, life } = turn.state;
  if (life.at === 'closing') return;
  const question = questions.count + 1;
  turn.set({ questions: { count: question, open: prompt.kind } });
  turn.effects.push({ kind: 'ask', question, prompt });
}

function closeQuestion(turn: Turn): void {
  const { questions } = turn.state;
  if (questions.open === undefined) return;
  turn.set({ questions: { ...questions, open: undefined } });
  turn.effects.push({ kind: 'asked' });
}

/** An answer to what is not asked any more is nobody's business. */
export function answered(turn: Turn, question: number, text: string | undefined): void {
  const { questions } = turn.state;
  if (question !== questions.count || questions.open === undefined) return;
  turn.set({ questions: { ...questions, open: undefined } });
  switch (questions.open) {
    case 'challenge':
      if (text === undefined) turn.fail(failure('auth.challengeUnanswered', { text: '' }));
      else turn.errands.push({ to: 'link', input: { kind: 'response', text } });
      return;
    case 'newPassword':
      if (text === undefined) turn.fail(failure('auth.challengeUnanswered', { text: ': a new password' }));
      else sendNewPassword(turn, text);
      return;
    case 'approval': // given or refused elsewhere
      if (text === undefined) turn.fail(failure('auth.challengeUnanswered', { text: '' }));
      return;
  }
}

function ipv4Up(turn: Turn, effect: Extract<LinkEffect, { kind: 'ipv4Up' }>): void {
  const { call } = turn.state;
  if (call === undefined || turn.state.life.at !== 'connecting') return;
  turn.set({
    ipv4: {
      localAddress: effect.local,
      ...(effect.remote !== undefined && { remoteAddress: effect.remote }),
      dnsServers: effect.dns,
    },
    life: { at: 'applying' },
  });
  turn.enter('routes', effect.local);
  setSession(turn, call);
  applyNetwork(turn);
}

/** IPV6CP often ends a moment after IPCP: the machine's network follows. */
function ipv6Up(turn: Turn, localInterfaceId: Uint8Array): void {
  const { call, life } = turn.state;
  if (call === undefined || life.at === 'closing') return;
  turn.set({ ipv6LinkLocal: linkLocalAddress(localInterfaceId) });
  setSession(turn, call);
  if (life.at === 'applying' || life.at === 'admitting' || life.at === 'up') applyNetwork(turn);
}

/** RFC 5072 §5: fe80::/64 with the interface identifier, in full form. */
function linkLocalAddress(interfaceId: Uint8Array): string {
  const groups = toHex(interfaceId).match(/.{4}/g) ?? [];
  return `fe80:0:0:0:${groups.map((group) => parseInt(group, 16).toString(16)).join(':')}`;
}
