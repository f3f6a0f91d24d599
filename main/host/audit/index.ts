/** The audit log: written by one (`openAuditLog`), read and checked by anybody (`readAuditLog`, `verifyAuditLog`). Its records are in `contracts/audit.ts`. */
export type { Break, Head } from './chain.ts';
export { auditLimits } from './limits.ts';
export { openAuditLog, type AuditLimits, type AuditLog } from './log.ts';
export { readAuditLog } from './read.ts';
export { lastRecords, type AuditFilter } from './select.ts';
export { verifyAuditLog } from './verify.ts';
