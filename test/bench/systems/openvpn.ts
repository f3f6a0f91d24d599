import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPair, type Machine } from '../../support/namespaces.ts';
import { run } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import { farAddress, inPair, lastLines, nearAddress, requireProgram, type System, tunnelMtuBytes } from '../system.ts';

interface Identity {
  readonly certificate: string;
  readonly key: string;
  readonly fingerprint: string;
}

async function createIdentity(folder: string, name: string): Promise<Identity> {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await run(['openssl', ...request, '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate]);
  return { certificate, key, fingerprint: new X509Certificate(readFileSync(certificate)).fingerprint256 };
}

interface EndOptions {
  readonly role: 'tls-client' | 'tls-server';
  readonly own: Identity;
  readonly peer: Identity;
  readonly addresses: readonly [string, string];
}

function spawnEnd(local: Machine, remote: Machine, { role, own, peer, addresses }: EndOptions) {
  return local.spawn([
    'openvpn',
    ...['--dev', 'ovpn0', '--dev-type', 'tun', '--proto', 'udp4', '--disable-dco'],
    ...['--local', local.address, '--lport', '1194', '--remote', remote.address, '--rport', '1194'],
    ...['--ifconfig', ...addresses, '--tun-mtu', String(tunnelMtuBytes), '--mssfix', '0'],
    ...[`--${role}`, '--cert', own.certificate, '--key', own.key, '--peer-fingerprint', peer.fingerprint],
    ...(role === 'tls-server' ? ['--dh', 'none'] : []),
    ...['--cipher', 'AES-256-GCM', '--data-ciphers', 'AES-256-GCM', '--verb', '3'],
  ]);
}

/** OpenVPN over UDP with TLS, two peers that know each other's certificate; in user space, also where its module is loaded. */
export const openvpn: System = {
  name: 'openvpn',
  title: 'OpenVPN 2.6, AES-256-GCM',
  kind: 'peer',
  start: async () => {
    await requireProgram('openvpn', 'openvpn');
    const folder = scratchFolder('openvpn');
    const [client, server] = [await createIdentity(folder, 'near'), await createIdentity(folder, 'far')];
    const pair = await createPair();
    return inPair(pair, async () => {
      const ends = [
        spawnEnd(pair.far, pair.near, {
          ...{ role: 'tls-server', own: server, peer: client, addresses: [farAddress, nearAddress] },
        }),
        spawnEnd(pair.near, pair.far, {
          ...{ role: 'tls-client', own: client, peer: server, addresses: [nearAddress, farAddress] },
        }),
      ];
      await Promise.all(ends.map((end) => end.until(/Initialization Sequence Completed/)));
      // Said after the last line of the start.
      await Promise.all(ends.map((end) => end.until(/Data Channel: cipher 'AES-256-GCM'/)));
      return {
        near: { machine: pair.near, address: nearAddress },
        far: { machine: pair.far, address: farAddress },
        sources: [nearAddress],
        diagnosis: () => ends.map((end) => lastLines(end.stdout() + end.stderr())).join('\n'),
        stop: async () => {
          await Promise.all(ends.map((end) => end.stop()));
          await pair.remove();
          removeScratch(folder);
        },
      };
    });
  },
};
