/** Which client a peer probably is: for people, and for nothing else. */
export type ClientKind = 'windows' | 'apple' | 'linux' | 'culvert' | 'unknown';

export interface ClientTraces {
  /** Names of IKE vendor IDs. */
  readonly vendors: readonly string[];
  readonly l2tpVendor?: string;
  /** LCP Identification texts (RFC 1570). */
  readonly idents: readonly string[];
}

interface Rule {
  readonly kind: ClientKind;
  readonly vendor?: string;
  readonly l2tpVendor?: RegExp;
  readonly ident?: RegExp;
}

/** The first that fits. What says least about others comes first. */
const rules: readonly Rule[] = [
  { kind: 'culvert', l2tpVendor: /^Culvert/ },
  { kind: 'windows', ident: /^MSRAS/ },
  { kind: 'windows', vendor: 'microsoftNt5' },
  { kind: 'linux', l2tpVendor: /xelerance|katalix|xl2tpd/i },
  { kind: 'linux', vendor: 'strongSwan' },
  { kind: 'apple', vendor: 'natTraversalDraft' }, // Apple's racoon alone announces the drafts by this name
  { kind: 'windows', l2tpVendor: /^Microsoft/ },
];

export function clientKind({ vendors, l2tpVendor = '', idents }: ClientTraces): ClientKind {
  const found = rules.find(
    (rule) =>
      (rule.vendor !== undefined && vendors.includes(rule.vendor)) ||
      rule.l2tpVendor?.test(l2tpVendor) === true ||
      idents.some((ident) => rule.ident?.test(ident) === true),
  );
  return found?.kind ?? 'unknown';
}
