export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Lines and columns count from 1. */
export function positionsIn(text: string): (offset: number) => TextPosition {
  return (offset) => {
    const before = text.slice(0, offset);
    return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
  };
}
