/** PEM (RFC 7468): what stands between the lines, by their label; text around it is ignored, as everybody's tools do. */
export interface PemBlock {
  readonly label: string;
  /** The block itself, with its lines. */
  readonly text: string;
  /** Empty where it is not base64. */
  readonly der: Uint8Array;
}

const mostBlocks = 300;

export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, edge, label = ''] = /^-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----\s*$/.exec(line) ?? [];
    if (edge === 'BEGIN') open = { label, lines: [] };
    else if (edge === undefined) open?.lines.push(line);
    else if (open?.label === label) {
      if (blocks.push(blockOf(label, open.lines)) >= mostBlocks) break;
      open = undefined;
    }
  }
  return blocks;
}

function blockOf(label: string, lines: readonly string[]): PemBlock {
  const text = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
  const base64 = lines.slice(beginningOfContent(lines)).join('').replaceAll(/\s/g, '');
  return { label, text, der: new Uint8Array(Buffer.from(base64, 'base64')) };
}

/** Encrypted keys of the old form have headers (RFC 1421 §4.6), and an empty line after them; others may have empty lines anywhere. */
function beginningOfContent(lines: readonly string[]): number {
  const lastHeader = lines.findLastIndex((line) => line.includes(':'));
  const empty = lines.findIndex((line, place) => place > lastHeader && line.trim() === '');
  return lastHeader === -1 || empty === -1 ? lastHeader + 1 : empty + 1;
}

export function pemText(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** All that is there under one of the labels; or the file itself, where it is DER. */
export function derBlocks(bytes: Uint8Array, ...labels: readonly string[]): readonly Uint8Array[] {
  if (isDer(bytes)) return [Uint8Array.from(bytes)];
  const blocks = pemBlocks(Buffer.from(bytes).toString('latin1'));
  return blocks.filter(({ label }) => labels.includes(label)).map(({ der }) => der);
}

export const certificateLabels = ['CERTIFICATE', 'X509 CERTIFICATE'] as const;

/** It begins with a SEQUENCE, which no text does ("0" and a control character). */
export function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30 && ((bytes[1] ?? 0) & 0x80) !== 0;
}
