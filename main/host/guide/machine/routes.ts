import { networksOf } from '../../addresses/interval.ts';

/**
 * The networks that /proc/net/route leads to, but for the default route: addresses and masks are there in hexadecimal, in the
 * byte order of the machine (little-endian wherever Culvert runs).
 */
export function parseRoutes(text: string): readonly string[] {
  const networks = text.split('\n').flatMap((line) => {
    const [, destination = '', , , , , , mask = ''] = line.split('\t');
    const to = addressNumber(destination);
    const size = addressNumber(mask);
    if (to === undefined || size === undefined || size === 0n) return [];
    return networksOf({ family: 4, first: to & size, last: (to & size) | (size ^ 0xffff_ffffn) });
  });
  return [...new Set(networks)];
}

function addressNumber(hexadecimal: string): bigint | undefined {
  if (!/^[0-9A-F]{8}$/.test(hexadecimal)) return undefined;
  const bytes = hexadecimal.match(/../g) ?? [];
  return BigInt(`0x${bytes.reverse().join('')}`);
}
