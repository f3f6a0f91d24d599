/** What a checked JSON file should hold, in words for whoever writes it. */

const forms: Readonly<Record<string, string>> = {
  string: 'text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list in brackets [ ]',
  object: 'members in braces { }',
  record: 'members in braces { }',
};

/** The words for one of zod's types. */
export const formOf = (type: string): string => forms[type] ?? type;

/** The values to choose from, as they are written in the file. */
export function either(values: readonly unknown[]): string {
  const texts = values.filter((value) => value !== undefined).map((value) => JSON.stringify(value));
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1) ?? ''}`;
}
