import type { HostConfig } from '../../contracts/host-config.ts';
import { dayMs } from '../../contracts/time.ts';
import type { AuditLimits } from './log.ts';

const megabyte = 1024 * 1024;

/** The bounds of the log as a configuration gives them, whoever writes it: a host, or a command while none runs. */
export function auditLimits({ rotateMegabytes, rotateDays, keepFiles }: HostConfig['audit']): AuditLimits {
  return { rotateBytes: rotateMegabytes * megabyte, rotateMs: rotateDays * dayMs, keepFiles };
}
