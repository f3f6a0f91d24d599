import { spawnSync } from 'node:child_process';
import { rootPrefix, run, SetupError } from './commands.mjs';

/**
 * @param {readonly string[]} packages
 * @returns {string[]}
 */
export function missingPackages(packages) {
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...packages], {
    encoding: 'utf8',
  });
  if (asked.error !== undefined) {
    throw new SetupError(
      'Culvert is built and tested on Debian 12; dpkg-query, which lists its packages, is not here.',
    );
  }
  const installed = new Set(
    asked.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

// Packages of daemons would start them; a policy of our own says no, for as long as this runs (invoke-rc.d(8)).
const installScript = `
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\\nexit 101\\n' >$policy
    chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@"
`;

/** @param {readonly string[]} packages */
export async function installPackages(packages) {
  const missing = missingPackages(packages);
  const prefix = rootPrefix();
  if (prefix === undefined) {
    throw new SetupError(
      `These Debian packages are missing, and this user may not install them. Run, then try again:\n\n` +
        `    sudo apt-get install --no-install-recommends ${missing.join(' ')}\n`,
    );
  }
  console.log(`        ${missing.join(' ')}`);
  await run([...prefix, 'sh', '-c', installScript, 'install', ...missing], { quiet: true });
}
