import type { Profile, SecurityLevel } from '../contracts/profile.ts';
import type { EspIntegrity, EspProposal, IkeProposal } from '../protocol/ike/index.ts';
import type { CbcName, DhGroupName, HashName } from '../protocol/crypto.ts';

/** One rung: what is offered together. Few at a time, since gateways choke on long lists (docs/field-notes, rule 4). */
export interface ProposalStage {
  readonly ike: readonly IkeProposal[];
  readonly esp: readonly EspProposal[];
}

const ladder: Readonly<Record<SecurityLevel, { readonly ike: readonly string[]; readonly esp: readonly string[] }>> = {
  modern: {
    ike: [
      'aes256-sha256-ecp256',
      'aes256-sha384-ecp384',
      'aes256-sha256-curve25519',
      'aes256-sha256-modp2048',
      'aes128-sha256-modp2048',
    ],
    esp: ['aes256gcm16', 'aes128gcm16', 'aes256-sha256', 'aes128-sha256'],
  },
  compatible: {
    ike: [
      'aes256-sha1-ecp384',
      'aes128-sha1-ecp256',
      'aes256-sha1-modp2048',
      'aes256-sha256-modp1536',
      'aes128-sha1-modp1536',
    ],
    esp: ['aes256gcm16', 'aes256-sha256', 'aes256-sha1', 'aes128-sha1'],
  },
  legacy: {
    ike: ['aes256-sha1-modp1024', 'aes128-sha1-modp1024', '3des-sha1-modp2048', '3des-sha1-modp1024'],
    esp: ['aes256-sha1', 'aes128-sha1', '3des-sha1'],
  },
};

/** What the host accepts, in its order; each level adds to those before it. Named as a whole: clients offer what they like. */
const accepted: Readonly<Record<SecurityLevel, { readonly ike: readonly string[]; readonly esp: readonly string[] }>> =
  {
    modern: {
      ike: everyIke(
        ['curve25519', 'ecp256', 'ecp384', 'ecp521', 'modp2048', 'modp3072', 'modp4096'],
        ['sha256', 'sha384', 'sha512'],
        ['aes256', 'aes192', 'aes128'],
      ),
      esp: ['aes256gcm16', 'aes128gcm16', ...everyEsp(['sha256', 'sha384', 'sha512'], ['aes256', 'aes192', 'aes128'])],
    },
    compatible: {
      ike: [
        ...everyIke(['ecp384', 'ecp256', 'ecp521', 'modp2048'], ['sha1'], ['aes256', 'aes192', 'aes128']),
        ...everyIke(['modp1536'], ['sha256', 'sha384', 'sha512', 'sha1'], ['aes256', 'aes192', 'aes128']),
      ],
      esp: everyEsp(['sha1'], ['aes256', 'aes192', 'aes128']),
    },
    legacy: {
      ike: [
        ...everyIke(['modp2048', 'modp1536'], ['sha256', 'sha1'], ['3des']),
        ...everyIke(['modp1024'], ['sha256', 'sha512', 'sha1'], ['aes256', 'aes192', 'aes128', '3des']),
        ...everyIke(['modp2048', 'modp1536', 'modp1024'], ['md5'], ['aes256', 'aes192', 'aes128', '3des']),
      ],
      esp: [...everyEsp(['sha256', 'sha1'], ['3des']), ...everyEsp(['md5'], ['aes256', 'aes192', 'aes128', '3des'])],
    },
  };

function everyIke(groups: readonly string[], hashes: readonly string[], ciphers: readonly string[]): readonly string[] {
  return groups.flatMap((group) => ciphers.flatMap((cipher) => hashes.map((hash) => `${cipher}-${hash}-${group}`)));
}

function everyEsp(hashes: readonly string[], ciphers: readonly string[]): readonly string[] {
  return ciphers.flatMap((cipher) => hashes.map((hash) => `${cipher}-${hash}`));
}

/** What the host agrees to, strongest first. `legacy` (MODP 1024, 3DES, MD5) is for a while, and for who asked for it. */
export function hostProposals(security: SecurityLevel): ProposalStage {
  const allowed = levels.slice(0, levels.indexOf(security) + 1).map((level) => accepted[level]);
  return {
    ike: allowed.flatMap(({ ike }) => ike).map(parseIkeProposal),
    esp: allowed.flatMap(({ esp }) => esp).map(parseEspProposal),
  };
}

const levels: readonly SecurityLevel[] = ['modern', 'compatible', 'legacy'];

/** The rungs that the profile allows, strongest first; an exact list of phase 1 proposals makes one rung of its own. */
export function proposalStages(ipsec: Profile['ipsec']): readonly ProposalStage[] {
  const allowed = levels.slice(0, levels.indexOf(ipsec.security) + 1);
  const stages = allowed.map((level) => {
    // A refused phase 2 costs a round trip or, at gateways that stay silent, a time-out: what is allowed anyway goes along.
    const espLevel = level === 'modern' && ipsec.security !== 'modern' ? 'compatible' : level;
    return {
      ike: (ipsec.ikeProposals ?? ladder[level].ike).map(parseIkeProposal),
      esp: (ipsec.espProposals ?? ladder[espLevel].esp).map(parseEspProposal),
    };
  });
  return ipsec.ikeProposals === undefined ? stages : stages.slice(-1);
}

const ikeCiphers: Readonly<Record<string, CbcName>> = {
  aes128: 'aes-128-cbc',
  aes192: 'aes-192-cbc',
  aes256: 'aes-256-cbc',
  '3des': '3des-cbc',
};

const espKeyBits = { aes128: 128, aes192: 192, aes256: 256 } as const;

const espIntegrities: Readonly<Record<string, EspIntegrity>> = {
  md5: 'hmac-md5-96',
  sha1: 'hmac-sha1-96',
  sha256: 'hmac-sha256-128',
  sha384: 'hmac-sha384-192',
  sha512: 'hmac-sha512-256',
};

/** @throws RangeError on a name that the profile's schema does not allow. */
export function parseIkeProposal(name: string): IkeProposal {
  const [encryption = '', hash = '', group = ''] = name.split('-');
  const cipher = ikeCiphers[encryption];
  if (cipher === undefined) throw new RangeError(`not a phase 1 proposal: ${name}`);
  return { cipher, hash: hash as HashName, group: group as DhGroupName };
}

/** @throws RangeError on a name that the profile's schema does not allow. */
export function parseEspProposal(name: string): EspProposal {
  if (name === 'aes256gcm16') return { cipher: 'aes-gcm-16', keyBits: 256, integrity: 'none' };
  if (name === 'aes128gcm16') return { cipher: 'aes-gcm-16', keyBits: 128, integrity: 'none' };
  const [encryption = '', hash = ''] = name.split('-');
  const integrity = espIntegrities[hash];
  if (integrity === undefined) throw new RangeError(`not a phase 2 proposal: ${name}`);
  if (encryption === '3des') return { cipher: '3des-cbc', keyBits: 192, integrity };
  if (!(encryption in espKeyBits)) throw new RangeError(`not a phase 2 proposal: ${name}`);
  return { cipher: 'aes-cbc', keyBits: espKeyBits[encryption as keyof typeof espKeyBits], integrity };
}
