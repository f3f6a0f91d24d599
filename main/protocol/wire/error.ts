export type WireErrorCode =
  | 'wire.truncated' // a field reaches past the end
  | 'wire.trailing' // bytes are left over
  | 'wire.value' // a field holds what its definition forbids
  | 'wire.tooLong'; // a value does not fit its length field

/** The only error that a parser or serialiser throws: a literal code, where in the input, and what was being read. */
export class WireError extends Error {
  readonly code: WireErrorCode;
  readonly offset: number;

  constructor(code: WireErrorCode, offset: number, what: string) {
    super(`${code} at byte ${offset}: ${what}`);
    this.name = 'WireError';
    this.code = code;
    this.offset = offset;
  }
}
