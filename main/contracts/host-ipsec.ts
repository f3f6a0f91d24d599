import { z } from 'zod';
import { diffieHellmanGroup, espProposalName, seconds } from './profile.ts';

/** What the host accepts in IKE and ESP. */

/** As in a profile, and MD5, which only the legacy switch lets in. */
const hostIkeProposal = z
  .string()
  .regex(
    new RegExp(
      `^(aes128|aes192|aes256|3des)-(md5|sha1|sha256|sha384|sha512)-(${diffieHellmanGroup.options.join('|')})$`,
    ),
    'expected encryption-hash-group, such as aes256-sha256-modp2048',
  );

const legacy = z
  .strictObject({
    until: z.iso
      .date('expected a day such as 2027-06-30')
      .describe('The last day, in UTC. The day after, the host accepts none of them any more, by itself.'),
    reason: z.string().min(1).max(200).describe('Who needs it, for whoever reads this file next.'),
  })
  .describe('Broken algorithms (3DES, MODP 1024, MD5) for clients that have nothing better. Off when absent.');

export const hostIpsec = z.strictObject({
  security: z
    .enum(['modern', 'compatible'])
    .default('compatible')
    .describe(
      'The weakest proposals accepted: modern (SHA-2, AES), compatible (also SHA-1, which Windows, macOS and iOS use).',
    ),
  legacy: legacy.optional(),
  ikeProposals: z
    .array(hostIkeProposal)
    .min(1)
    .max(32)
    .optional()
    .describe('Exactly these in phase 1, best first, instead of those that the level allows.'),
  espProposals: z
    .array(espProposalName)
    .min(1)
    .max(32)
    .optional()
    .describe('Exactly these in phase 2, best first, instead of those that the level allows.'),
  ikeLifetime: seconds(300, 7 * 86400, 28800, 'The longest phase 1.'),
  espLifetime: seconds(120, 86400, 3600, 'The longest phase 2.'),
  espLifetimeKilobytes: z
    .int()
    .min(1000)
    .max(0xffff_ffff)
    .optional()
    .describe('The most data of one phase 2. Windows asks for 250000 by itself.'),
  deadPeerDetection: z
    .strictObject({
      idle: seconds(5, 3600, 30, 'Silence after which a client is asked whether it is there.'),
      retry: seconds(1, 600, 5, 'Pause between two questions.'),
      tries: z.int().min(1).max(20).default(5).describe('Questions without an answer until it counts as gone.'),
    })
    .prefault({}),
  fragmentBytes: z
    .int()
    .min(512)
    .max(1400)
    .default(1200)
    .describe('Larger IKE messages are cut, where the client allows.'),
});

export type HostIpsec = z.infer<typeof hostIpsec>;
