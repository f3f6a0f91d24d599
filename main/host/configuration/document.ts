import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { positionsIn } from '../../profiles/text-position.ts';
import { pathText, type Finding, type MemberPath, type Problem } from './problem.ts';

/** A text in JSON with comments and trailing commas: its value, and where each member stands. */
export interface Document {
  readonly value: unknown;
  /** Gives a finding its line and column: those of the member, or of the nearest one around it that is written. */
  place(severity: Problem['severity'], finding: Finding): Problem;
}

type Parsed =
  { readonly ok: true; readonly document: Document } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Far deeper than any configuration, far shallower than what the parser's recursion bears. */
const deepestNesting = 64;

export function parseDocument(text: string): Parsed {
  const position = positionsIn(text);
  const problem = (offset: number, what: string, fix: string): Problem => ({
    severity: 'error',
    path: '',
    what,
    fix,
    ...position(offset),
  });
  const tooDeep = deepestAt(text);
  if (tooDeep !== undefined) {
    return { ok: false, problems: [problem(tooDeep, 'is nested too deeply', 'Remove the surplus brackets.')] };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || root === undefined) {
    const found = errors.map(({ error, offset }) => {
      const kind = printParseErrorCode(error);
      return problem(offset, syntaxErrors[kind] ?? `is not valid here (${kind})`, 'Correct the text at this place.');
    });
    const empty = problem(0, 'is empty', 'Begin with one of docs/examples.');
    return { ok: false, problems: root === undefined ? [empty] : found };
  }
  const repeated = repeatedMembers(root).map((node) =>
    problem(node.offset, 'is a member that was already written above', 'Keep one of the two.'),
  );
  if (repeated.length > 0) return { ok: false, problems: repeated };
  const place: Document['place'] = (severity, { path, what, fix }) => {
    const node = nearest(root, path);
    const place = node === undefined ? {} : position(node.offset);
    return { severity, path: pathText(path), what, fix, ...place };
  };
  return { ok: true, document: { value: valueOf(root), place } };
}

const syntaxErrors: Readonly<Record<string, string>> = {
  InvalidSymbol: 'has a word that is not JSON; text stands in double quotes',
  InvalidNumberFormat: 'has a malformed number',
  PropertyNameExpected: 'needs the name of a member in double quotes here',
  ValueExpected: 'needs a value here',
  ColonExpected: 'needs a colon here',
  CommaExpected: 'needs a comma here',
  CloseBraceExpected: 'needs a closing brace } here',
  CloseBracketExpected: 'needs a closing bracket ] here',
  EndOfFileExpected: 'goes on after its end',
  InvalidCommentToken: 'has a malformed comment',
  UnexpectedEndOfComment: 'ends inside a comment',
  UnexpectedEndOfString: 'ends inside a text',
  UnexpectedEndOfNumber: 'ends inside a number',
  InvalidUnicode: 'has a malformed \\u escape',
  InvalidEscapeCharacter: 'has an unknown escape; a backslash is written \\\\',
  InvalidCharacter: 'has a character that is not allowed in text, such as a line end',
};

/** The offset of the first bracket too many, outside of texts and comments. */
function deepestAt(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|\/\/.*|\/\*[^]*?(?:\*\/|$)|[[{]|[\]}]/g)) {
    if (token === '[' || token === '{') depth++;
    if (token === ']' || token === '}') depth--;
    if (depth > deepestNesting) return index;
  }
  return undefined;
}

/** Built member by member: the library's own assigns, by which a member named __proto__ would vanish. */
function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(
    (node.children ?? []).map(({ children: [key, value] = [] }) => [String(key?.value), value && valueOf(value)]),
  );
}

function repeatedMembers(node: Node): Node[] {
  const children = node.children ?? [];
  const seen = new Set<unknown>();
  const own =
    node.type === 'object'
      ? children.filter(({ children: [key] = [] }) => seen.size === seen.add(key?.value).size)
      : [];
  return [...own, ...children.flatMap(repeatedMembers)];
}

function nearest(root: Node, path: MemberPath): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node !== undefined) return node.parent?.type === 'property' ? node.parent : node;
  }
  return undefined;
}
