import { create } from 'qrcode';
import { shownKey, type ClientFacts } from './facts.ts';

/**
 * What a telephone shows when it reads the code: the lines to copy into its VPN settings, so that nobody types the key on glass.
 * Without a password, and without a link that anything would follow.
 */
export function settingsText(facts: ClientFacts): string {
  const { name, server, user } = facts;
  return [
    `VPN ${name} (L2TP)`,
    `Server: ${server}`,
    ...(user === undefined ? [] : [`Account: ${user}`]),
    `Secret: ${shownKey(facts)}`,
  ].join('\n');
}

/** The rows of a QR code, a digit for each module, 1 where it is dark; without the quiet zone around. */
export function qrRows(text: string): string[] {
  return qrModules(text).map((row) => row.map(Number).join(''));
}

/** A QR code: rows of modules, true where it is dark, without the quiet zone of four modules around (ISO/IEC 18004). */
export function qrModules(text: string): readonly (readonly boolean[])[] {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const { size, data } = modules;
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (__, column) => data[row * size + column] === 1),
  );
}
