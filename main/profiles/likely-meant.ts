/** The name that somebody meant who wrote `word`: the first of `known` that differs in little. */
export function likelyMeant(word: string, known: readonly string[]): string | undefined {
  return known.find((name) => distance(name.toLowerCase(), word.toLowerCase()) <= Math.max(1, name.length / 4));
}

/** Levenshtein's: insertions, deletions and replacements. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + Number(a[i] !== b[j]);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
