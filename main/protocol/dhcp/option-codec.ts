import { concat } from '../wire/bytes.ts';
import { Reader, Writer } from '../wire/codec.ts';
import { classlessRoutePieces } from './routes.ts';
import { optionCode, type OptionValues } from './options.ts';

/** RFC 2132 §3.1, §3.2: the two that have no length. */
const pad = 0;
const end = 255;
const longestPieceBytes = 255;

/**
 * The options of all fields together: the pieces of one code are joined in the order of the fields (RFC 3396 §7). What comes
 * after a field's end option is ignored, as is its absence.
 * @throws WireError
 */
export function readOptions(fields: readonly Uint8Array[]): OptionValues {
  const pieces = new Map<number, Uint8Array[]>();
  for (const field of fields) {
    const reader = new Reader(field);
    while (reader.remaining > 0) {
      const code = reader.u8('option code');
      if (code === pad) continue;
      if (code === end) break;
      const piece = reader.take(reader.u8('option length'), `option ${code}`);
      const known = pieces.get(code);
      if (known === undefined) pieces.set(code, [piece]);
      else known.push(piece);
    }
  }
  return new Map([...pieces].map(([code, parts]) => [code, concat(...parts)]));
}

/** With the end option. What is longer than an option may be goes out in pieces (RFC 3396 §6). */
export function writeOptions(options: OptionValues): Uint8Array {
  const writer = new Writer();
  for (const [code, value] of options) {
    for (const piece of piecesOf(code, value)) writer.u8(code).u8(piece.length).raw(piece);
  }
  return writer.u8(end).finish();
}

/** Of the option as `writeOptions` writes it, without the end. */
export function optionBytes(code: number, value: Uint8Array): number {
  return piecesOf(code, value).reduce((sum, piece) => sum + 2 + piece.length, 0);
}

/** Routes are cut between two of them: there are clients (Apple's pppd) that read each piece by itself. */
function piecesOf(code: number, value: Uint8Array): readonly Uint8Array[] {
  if (code === optionCode.classlessRoutes || code === optionCode.microsoftRoutes) {
    return classlessRoutePieces(value, longestPieceBytes);
  }
  const count = Math.max(1, Math.ceil(value.length / longestPieceBytes));
  return Array.from({ length: count }, (_, i) => value.subarray(longestPieceBytes * i, longestPieceBytes * (i + 1)));
}
