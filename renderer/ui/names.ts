/** Joins class names; what is false or undefined is none. */
export function names(...each: readonly (string | false | undefined)[]): string {
  return each.filter((name) => typeof name === 'string').join(' ');
}
