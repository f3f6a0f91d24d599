/** What an administrator does to a host that does not run: the same as with one that runs, on its files, and recorded. */
export { AuditBusy } from './audit-log.ts';
export { recordAuthority } from './authority.ts';
export { changeFile } from './change.ts';
export { keptVersion, keptVersions, restoreFile } from './restore.ts';
export { offlineUsers } from './users.ts';
