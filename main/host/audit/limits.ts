import type { HostConfig } from '../../contracts/host-config.ts';
import type { AuditLimits } from './log.ts';

const megabyte = 1024 * 1024;
const dayMs = 86_400_000;

/** The bounds of the log as a configuration gives them, whoever writes it: a host, or a command while none runs. */
export function auditLimits({ rotateMegabytes, rotateDays, keepFiles }: HostConfig['audit']): AuditLimits {
  return { rotateBytes: rotateMegabytes * megabyte, rotateMs: rotateDays * dayMs, keepFiles };
}
