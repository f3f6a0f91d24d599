import { existsSync } from 'node:fs';
import type { AccessReview } from '../../contracts/access-review.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import { beside } from '../../files/durable.ts';
import { readAuditLog } from '../audit/index.ts';
import { certificateEnds, openCertificateAuthority } from '../ca/index.ts';
import { readHistory, type AccessHistory } from './history.ts';
import { expectedNames, reviewAccess } from './review.ts';

export interface ReviewOrder {
  readonly config: HostConfig;
  readonly configFile: string;
  readonly localUsers: readonly HostUser[];
  readonly unusedAfterDays: number;
}

/** The review, with what the audit log and the host's authority know of the users. @throws on system errors */
export async function gatherReview({ configFile, ...order }: ReviewOrder): Promise<AccessReview> {
  const { config, localUsers } = order;
  const auditLog = beside(configFile, config.audit.file);
  const history: AccessHistory = existsSync(auditLog)
    ? await readHistory(readAuditLog(auditLog), expectedNames(config, localUsers))
    : { isCut: false, users: new Map() };
  const { folder, urls } = config.certificateAuthority;
  const authority = openCertificateAuthority(beside(configFile, folder), urls);
  const state = await authority.state().catch(() => undefined);
  // Without an authority, or with one that cannot be read, nothing is known of certificates.
  const certificates = certificateEnds(state?.ok === true ? state.value.issued : []);
  return reviewAccess({ ...order, history, certificates, nowMs: Date.now() });
}
