import type { HostConfig } from '../../contracts/host-config.ts';
import type { AuthorityResult, CertificateAuthority } from '../ca/index.ts';
import { openAudit } from './audit-log.ts';

/** Records what the certificate authority did, while no host runs that would. @throws AuditBusy, and on system errors */
export async function recordAuthority(
  configFile: string,
  config: HostConfig,
  authority: CertificateAuthority,
): Promise<AuthorityResult<undefined>> {
  const log = await openAudit(configFile, config);
  try {
    return await authority.record((event) => log.append(event, Date.now()));
  } finally {
    log.close();
  }
}
