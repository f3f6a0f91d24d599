import type { HostConfig } from '../../contracts/host-config.ts';
import { auditLimits, openAuditLog, type AuditLog } from '../audit/index.ts';
import { beside } from '../../files/durable.ts';

/** Somebody else writes the log, so that nothing can be recorded, and so nothing is done. */
export class AuditBusy extends Error {
  readonly code = 'audit.busy';
  readonly file: string;

  constructor(file: string) {
    super(`another process writes the audit log ${file}`);
    this.name = 'AuditBusy';
    this.file = file;
  }
}

/** Opens the audit log to record what is done while no host runs. @throws AuditBusy, and on system errors */
export async function openAudit(configFile: string, { audit }: HostConfig): Promise<AuditLog> {
  const file = beside(configFile, audit.file);
  const opened = await openAuditLog(file, auditLimits(audit), Date.now());
  if (!opened.ok) throw new AuditBusy(file);
  return opened.log;
}
