import { addressText } from '../wire/address.ts';
import type { Codec } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';
import { ipv4Address, masked, networkBytes } from '../ip/index.ts';

/** RFC 3442, option 121; Microsoft's 249 has the same form. */
export interface ClasslessRoute {
  /** Such as `10.20.0.0/16`. */
  readonly network: string;
  /** `0.0.0.0`: on the link itself. */
  readonly router: string;
}

const routerBytes = 4;

/** The width of the prefix, and only as many of its bytes as it has. */
export const classlessRoutes: Codec<readonly ClasslessRoute[]> = {
  read: (reader) => {
    const routes: ClasslessRoute[] = [];
    while (reader.remaining > 0) {
      const lengthBits = reader.u8('prefix width');
      if (lengthBits > 32) reader.fail(`a prefix of ${lengthBits} bits`);
      const destination = new Uint8Array(4);
      destination.set(reader.take(significantBytes(lengthBits), 'destination'));
      const network = `${addressText(masked(destination, lengthBits))}/${lengthBits}`;
      routes.push({ network, router: ipv4Address.read(reader) });
    }
    return routes;
  },
  write: (writer, routes) => {
    for (const { network, router } of routes) {
      const { bytes, lengthBits } = networkBytes(network);
      if (bytes.length !== 4) throw new WireError('wire.value', writer.length, `not an IPv4 network: ${network}`);
      ipv4Address.write(writer.u8(lengthBits).raw(bytes.subarray(0, significantBytes(lengthBits))), router);
    }
  },
};

function significantBytes(lengthBits: number): number {
  return Math.ceil(lengthBits / 8);
}

/** Cuts a list of routes between two of them, so that no piece is longer than `mostBytes`. */
export function classlessRoutePieces(value: Uint8Array, mostBytes: number): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let [start, at] = [0, 0];
  while (at < value.length) {
    const next = Math.min(at + 1 + significantBytes(value[at] ?? 0) + routerBytes, value.length);
    if (next - start > mostBytes) {
      pieces.push(value.subarray(start, at));
      start = at;
    }
    at = next;
  }
  return [...pieces, value.subarray(start)];
}
