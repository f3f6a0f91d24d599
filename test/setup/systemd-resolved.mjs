import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requireRoot, root, run } from './commands.mjs';

/** Below the repository: `lib/systemd/systemd-resolved`, `usr/bin/resolvectl`, and its bus policy. */
export const resolvedFolder = '.setup/systemd-resolved';

// The lists of a machine that had every other package need not be there.
const download = `
set -e
cd "$1"
apt-get download -qq systemd-resolved 2>/dev/null || { apt-get update -qq; apt-get download -qq systemd-resolved; }
dpkg -x systemd-resolved_*.deb .
rm systemd-resolved_*.deb
`;

/** Unpacked and not installed: its package would take over this machine's /etc/resolv.conf. */
export async function unpackResolved() {
  const folder = join(root, resolvedFolder);
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await run([...requireRoot('fetching systemd-resolved'), 'sh', '-c', download, 'sh', fresh], { quiet: true });
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}
