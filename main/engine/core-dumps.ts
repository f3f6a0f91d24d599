import { writeFileSync } from 'node:fs';

/** A core of this process would hold keys and passwords: leave its memory out of any (core(5)). */
export function keepSecretsOutOfCores(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // Not Linux, or no /proc: then there is no such switch.
  }
}
