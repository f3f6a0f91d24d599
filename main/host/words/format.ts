/** Text for people: tables, sizes, times. */

/** What peers and users chose may hold characters that move the cursor or turn the line around. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\ufffd');
}

/** Columns as wide as their widest cell; the last one is not padded. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  return shown
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const units = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** @param decimalDigits  a count of bytes, as it crosses processes */
export function bytesText(decimalDigits: string): string {
  const bytes = Number(decimalDigits);
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length);
  const unit = units[power - 1];
  return unit === undefined ? `${bytes} B` : `${Number((bytes / 1000 ** power).toPrecision(3))} ${unit}`;
}

export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${whole} s`;
}

/** Date and time of day, by this machine's time zone. */
export function momentText(instant: string): string {
  return new Date(instant).toLocaleString('sv-SE');
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
