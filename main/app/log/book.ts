import type { LogLine, LogSlice } from '../../contracts/app-state/log.ts';

const keptLines = 5000;
const longestText = 2000;
/** The window is told of new lines at most this often. */
const tellMs = 250;

/** The program's log, in memory: what it keeps is bounded, and ends with the program. */
export class LogBook {
  readonly #onChange: (slice: LogSlice) => void;
  #lines: LogLine[] = [];
  #count = 0;
  #telling: NodeJS.Timeout | undefined;

  constructor(onChange: (slice: LogSlice) => void) {
    this.#onChange = onChange;
  }

  add(level: LogLine['level'], source: string, text: string): void {
    this.#count += 1;
    this.#lines.push({ number: this.#count, at: Date.now(), level, source, text: text.slice(0, longestText) });
    // Rarely, so that a line costs nothing.
    if (this.#lines.length > keptLines * 1.2) this.#lines = this.#lines.slice(-keptLines);
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#tell();
    }, tellMs);
  }

  /** The newest `limit` lines above a number. */
  read(after: number, limit: number): LogLine[] {
    return this.#lines.filter(({ number }) => number > after).slice(-limit);
  }

  clear(): void {
    this.#lines = [];
    this.#tell();
  }

  #tell(): void {
    this.#onChange({ newest: this.#count, oldest: this.#lines[0]?.number ?? this.#count });
  }
}
