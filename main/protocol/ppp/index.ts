/**
 * PPP, both sides (RFC 1661 and its network and authentication protocols):
 * `createLink(config)`, `stepLink(state, input, env)`, `linkDeadlineMs(state)`.
 */
export * from './types.ts';
export { createLink, stepLink } from './link/link.ts';
export { emptyLcpFrame, Frame, protocols, tryDecode } from './packet.ts';
export { linkDeadlineMs, type LinkState } from './state.ts';
export { challengeHash, proofOfPassword } from './auth/mschapv2.ts';
export { verifyChange, verifyPassword, type PasswordProof } from './auth/verify.ts';
