import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

const longestFileBytes = 8192;
/** What Linux says of routes and name servers; another system has none of these. */
const files: Readonly<Record<string, (text: string) => string>> = {
  '/etc/resolv.conf': (text) => text,
  '/proc/net/route': (text) => text.replaceAll(/\b[0-9A-F]{8}\b/g, dotted),
  '/proc/net/ipv6_route': (text) => text.replaceAll(/\b[0-9a-f]{32}\b/g, (hex) => (hex.match(/.{4}/g) ?? []).join(':')),
};

/** How this computer is connected at this moment, as lines: no program is run for it, and nothing is sent. */
export async function networkFacts(): Promise<string[]> {
  const interfaces = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map(({ cidr, internal }) => `${name}: ${cidr ?? 'no address'}${internal ? ', internal' : ''}`),
  );
  const contents = await Promise.all(
    Object.entries(files).map(async ([file, readable]) => {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) return [];
      return ['', `${file}:`, ...readable(text.slice(0, longestFileBytes)).trimEnd().split('\n')];
    }),
  );
  return [...interfaces, ...contents.flat()];
}

/** The kernel writes an IPv4 address as the number that it is in memory. */
function dotted(hex: string): string {
  return [...Buffer.from(hex, 'hex')].reverse().join('.');
}
