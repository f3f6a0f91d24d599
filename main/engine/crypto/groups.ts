import type { DhExchange, DhGroupName } from '../../protocol/crypto.ts';
import { curve25519 } from './curve25519.ts';
import { ecpGroup } from './ecp.ts';
import type { DhGroup } from './group.ts';
import { modpGroup } from './modp.ts';

export const dhGroups: Readonly<Record<DhGroupName, DhGroup>> = {
  modp1024: modpGroup('modp1024'),
  modp1536: modpGroup('modp1536'),
  modp2048: modpGroup('modp2048'),
  modp3072: modpGroup('modp3072'),
  modp4096: modpGroup('modp4096'),
  ecp256: ecpGroup('prime256v1', 32),
  ecp384: ecpGroup('secp384r1', 48),
  ecp521: ecpGroup('secp521r1', 66),
  curve25519,
};

/** @param privateKey  only known-answer tests name one */
export function startExchange(name: DhGroupName, privateKey?: Uint8Array): DhExchange {
  return { group: name, ...dhGroups[name](privateKey) };
}
