import type { Extension } from 'pkijs';
import { MalformedError } from './malformed.ts';

/** RFC 5280 §4.2 and §5.2. */
export const extensionIds = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  crlEntryIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  issuingDistributionPoint: '2.5.29.28',
  authorityInformationAccess: '1.3.6.1.5.5.7.1.1',
} as const;

type Parsed<Value> = abstract new (...args: never[]) => Value;

/** The extensions of one certificate, each at most once. */
export interface Extensions {
  readonly criticalIds: readonly string[];
  /** @throws MalformedError where there is one, but not of this form: nobody may take it for absent */
  find<Value extends object>(id: string, form: Parsed<Value>): Value | undefined;
}

const mostExtensions = 64;

/** @throws MalformedError */
export function extensionsOf(extensions: readonly Extension[]): Extensions {
  const byId = new Map(extensions.map((extension) => [extension.extnID, extension]));
  if (byId.size < extensions.length) throw new MalformedError('it has an extension twice');
  if (byId.size > mostExtensions) throw new MalformedError(`it has more than ${mostExtensions} extensions`);
  return {
    criticalIds: extensions.filter(({ critical }) => critical).map(({ extnID }) => extnID),
    find: (id, form) => {
      const extension = byId.get(id);
      if (extension === undefined) return undefined;
      const value: unknown = extension.parsedValue;
      if (value instanceof form && !isMisread(value)) return value;
      throw new MalformedError(`its extension ${id} cannot be read`);
    },
  };
}

/** pkijs gives the default where it could not read the value, and says so by this member. */
function isMisread(value: object): boolean {
  return 'parsingError' in value && typeof value.parsingError === 'string' && value.parsingError !== '';
}
