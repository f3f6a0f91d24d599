import { authenticationsOf } from './authentication.ts';
import { headerOf } from './envelope.ts';
import { vendorPayloads } from './peer-features.ts';
import { offerIke } from './proposals.ts';
import { firstTransmission } from './retransmission.ts';
import { type Path, currentSa, noCookie } from './state.ts';
import { type Turn, putMainMode, send } from './turn.ts';
import { encodeBody, encodeMessage } from './wire/index.ts';

/** Message 1 of main mode: the first SA, or one that is to succeed the current one (RFC 2409 §5.4). */
export function startMainMode(turn: Turn, path: Path): void {
  const { config, nextId } = turn.state;
  const { crypto, nowMs } = turn.env;
  const cookies = { initiator: crypto.random(8), responder: noCookie };
  const current = currentSa(turn.state);
  // Who is renewed is so in the way that was agreed on: nobody gets a weaker one by waiting.
  const authentications = current === undefined ? authenticationsOf(config) : [current.authentication];
  const sa = offerIke(config.ikeProposals, authentications, config.lifetimes.ikeSeconds);
  const message = encodeMessage(headerOf(cookies, 'mainMode', 0, false), [sa, ...vendorPayloads()]);
  const pending = firstTransmission(message, config.retransmission, nowMs);
  const supersedes = current?.id;
  turn.state = { ...turn.state, nextId: nextId + 1 };
  putMainMode(turn, {
    id: nextId,
    role: 'initiator',
    awaits: 2,
    cookies,
    path,
    supersedes,
    hint: undefined,
    pending,
    giveUpAtMs: pending.giveUpAtMs,
    offer: encodeBody(sa),
  });
  send(turn, path, message);
}
