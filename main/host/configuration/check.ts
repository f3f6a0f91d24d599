import { hostConfig, type HostConfig } from '../../contracts/host-config.ts';
import type { SecretReference } from '../../contracts/host-forms.ts';
import { parseDocument } from './document.ts';
import { doubtFindings, type Surroundings } from './doubts.ts';
import type { Finding, MemberPath, Problem } from './problem.ts';
import { relationFindings } from './relations.ts';
import { shapeFindings } from './shape.ts';

/** Taken as a whole or not at all: `problems` holds errors where it is not ok, warnings where it is. */
export type Checked =
  | { readonly ok: true; readonly config: HostConfig; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Judges the text of a configuration.
 *
 * @param secretFindings  what is wrong with its secrets, which only who can see the file system knows
 */
export function checkHostConfig(
  text: string,
  surroundings: Surroundings,
  secretFindings: (secrets: readonly PlacedSecret[]) => readonly Finding[] = () => [],
): Checked {
  const parsed = parseDocument(text.replace(/^\ufeff/, ''));
  if (!parsed.ok) return parsed;
  const { document } = parsed;
  const errors = (findings: readonly Finding[]): readonly Problem[] =>
    inOrder(findings.map((finding) => document.place('error', finding)));
  const shaped = hostConfig.safeParse(document.value);
  if (!shaped.success) {
    const findings = shapeFindings(shaped.error);
    return { ok: false, problems: errors([...findings, ...findingsBeside(findings, document.value)]) };
  }
  const config = shaped.data;
  const broken = [...relationFindings(config), ...secretFindings(secretsOf(config))];
  if (broken.length > 0) return { ok: false, problems: errors(broken) };
  const doubts = doubtFindings(config, surroundings).map((finding) => document.place('warning', finding));
  return { ok: true, config, problems: inOrder(doubts) };
}

/** What else is wrong where members have the wrong form: as far as the rest makes sense without them. */
function findingsBeside(findings: readonly Finding[], value: unknown): readonly Finding[] {
  const rest = findings.reduce(withoutMember, value);
  const shaped = hostConfig.safeParse(rest);
  if (!shaped.success) return [];
  const mayFollowFrom = (finding: Finding, cause: Finding): boolean =>
    finding.path.slice(0, 2).every((part, i) => i >= cause.path.length || part === cause.path[i]);
  return relationFindings(shaped.data).filter((finding) => !findings.some((cause) => mayFollowFrom(finding, cause)));
}

/** Entries of a list stay, since those after them would get another place. */
function withoutMember(value: unknown, { path: [part, ...rest] }: Pick<Finding, 'path'>): unknown {
  if (typeof value !== 'object' || value === null || part === undefined) return value;
  if (Array.isArray(value))
    return value.map((entry: unknown, i) => (i === part ? withoutMember(entry, { path: rest }) : entry));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (name !== part) return [[name, member]];
      return rest.length === 0 ? [] : [[name, withoutMember(member, { path: rest })]];
    }),
  );
}

export interface PlacedSecret {
  readonly path: MemberPath;
  readonly reference: SecretReference;
}

/** Every secret that the configuration holds or refers to. */
function secretsOf(config: HostConfig): readonly PlacedSecret[] {
  const all: readonly { readonly path: MemberPath; readonly reference: SecretReference | undefined }[] = [
    { path: ['preSharedKey'], reference: config.preSharedKey },
    ...config.preSharedKeys.map(({ key }, i) => ({ path: ['preSharedKeys', i, 'key'], reference: key })),
    ...(config.certificates?.own ?? []).map(({ passphrase }, i) => ({
      path: ['certificates', 'own', i, 'passphrase'],
      reference: passphrase,
    })),
    ...(config.radius?.servers ?? []).map(({ secret }, i) => ({
      path: ['radius', 'servers', i, 'secret'],
      reference: secret,
    })),
    ...(config.radius?.dynamicAuthorization?.clients ?? []).map(({ secret }, i) => ({
      path: ['radius', 'dynamicAuthorization', 'clients', i, 'secret'],
      reference: secret,
    })),
    { path: ['ldap', 'search', 'bindPassword'], reference: config.ldap?.search.bindPassword },
  ];
  return all.flatMap(({ path, reference }) => (reference === undefined ? [] : [{ path, reference }]));
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
