import type { z } from 'zod';
import type { profile } from '../../contracts/profile.ts';
import type { ClientFacts } from './facts.ts';

/** A profile of Culvert's own, see docs/profile.md. */
export function culvertProfile({ name, server, user, preSharedKey, tunnel, routes }: ClientFacts): string {
  const isSplit = tunnel === 'split' && routes.length > 0;
  const members: z.input<typeof profile> = {
    version: 1,
    name,
    gateway: server,
    ...(user !== undefined && { user }),
    ...(preSharedKey !== undefined && { ipsec: { preSharedKey: profileSecret(preSharedKey.expose()) } }),
    ...(isSplit && { network: { mode: 'split', routes: [...routes] } }),
  };
  return `${JSON.stringify(members, undefined, 2)}\n`;
}

/** In a profile, text that begins like this stands for other bytes. */
function profileSecret(text: string): string {
  return /^0[xs]/.test(text) ? `0x${Buffer.from(text, 'utf8').toString('hex')}` : text;
}
