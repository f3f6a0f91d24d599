import type { z } from 'zod';
import type { profile } from '../../contracts/profile.ts';
import type { ClientFacts } from './facts.ts';

/** A profile of Culvert's own, see docs/profile.md. */
export function culvertProfile(facts: ClientFacts): string {
  const { name, server, user, preSharedKey, tunnel, routes, asksForCodes } = facts;
  const isSplit = tunnel === 'split' && routes.length > 0;
  const members: z.input<typeof profile> = {
    version: 1,
    name,
    gateway: server,
    ...(user !== undefined && { user }),
    ...(preSharedKey !== undefined && { ipsec: { preSharedKey: profileSecret(preSharedKey.expose()) } }),
    ...(asksForCodes && { ppp: { authentication: ['eap-gtc', 'mschapv2'] } }),
    ...(isSplit && { network: { mode: 'split', routes: [...routes] } }),
  };
  return `${JSON.stringify(members, undefined, 2)}\n`;
}

/** In a profile, text that begins like this stands for other bytes. */
function profileSecret(text: string): string {
  return /^0[xs]/.test(text) ? `0x${Buffer.from(text, 'utf8').toString('hex')}` : text;
}
