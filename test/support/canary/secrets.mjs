/**
 * What the secrets of the tests look like, so that one which comes out anywhere is recognised: a password is `NAME-pass`,
 * `NAME-password` or `NAME-secret-9`, and the keys below are as good. What is made while a test runs is marked by it.
 */
const shapes = [
  /\b[a-z0-9]+-pass(?:word)?(?![a-z-])/i,
  /\b[a-z]+-secret-9/,
  /a shared key of the test network/,
  /a radius secret/,
  /PRIVATE KEY-----/,
];

/** @type {Set<string>} */
const marked = new Set();
const shortestMark = 8;

/**
 * Secrets without a shape of their own: one-time codes' keys, recovery codes, lines of a private key.
 *
 * @param {readonly string[]} secrets
 */
export function markSecrets(...secrets) {
  for (const secret of secrets) {
    // Six digits are in any log by chance.
    if (secret.length < shortestMark) throw new Error('too short to be told from anything else');
    marked.add(secret);
  }
}

/**
 * Where the first secret stands in a text, without the secret itself; `undefined` where there is none.
 *
 * @param {string} text also of a file's bytes, one character each: UTF-16 is read as well
 */
export function secretIn(text) {
  const plain = text.replaceAll('\0', '');
  const places = [
    ...shapes.map((shape) => shape.exec(plain)),
    ...Array.from(marked, (secret) => ({ index: plain.indexOf(secret), 0: secret })),
  ].filter((place) => place !== null && place.index >= 0);
  const [first] = places;
  if (first === undefined || first === null) return undefined;
  const lineStart = plain.lastIndexOf('\n', first.index) + 1;
  return `${plain.slice(Math.max(lineStart, first.index - 60), first.index)}[a secret of ${first[0].length} characters]`;
}
