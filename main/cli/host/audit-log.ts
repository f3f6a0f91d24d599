import type { HostConfig } from '../../contracts/host-config.ts';
import { auditLimits, openAuditLog, type AuditLog } from '../../host/audit/index.ts';
import { beside } from '../../files/durable.ts';
import { Complaint } from './complaint.ts';

/** Opens the audit log to record what is done while no host runs. @throws Complaint where somebody else writes it */
export async function openAudit(configFile: string, { audit }: HostConfig): Promise<AuditLog> {
  const file = beside(configFile, audit.file);
  const opened = await openAuditLog(file, auditLimits(audit), Date.now());
  if (!opened.ok) throw new Complaint('audit.busy', { file });
  return opened.log;
}
