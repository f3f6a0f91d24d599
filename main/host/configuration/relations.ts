import type { HostConfig } from '../../contracts/host-config.ts';
import { maxCandidateKeys } from '../../protocol/ike/index.ts';
import { addressRules } from './address-relations.ts';
import { ldapRules } from './ldap-relations.ts';
import type { Finding, MemberPath } from './problem.ts';
import { strengthOf } from './proposals.ts';

/** What no single member can tell: a rule over the whole configuration, which finds all of its kind. */
type Rule = (config: HostConfig) => readonly Finding[];

export function relationFindings(config: HostConfig): readonly Finding[] {
  return rules.flatMap((rule) => rule(config));
}

const poolExists: Rule = ({ pools }) =>
  Object.keys(pools).length > 0
    ? []
    : [
        {
          path: ['pools'],
          what: 'has no pool',
          fix: 'Write at least one, such as "pools": { "office": { "ranges": ["10.99.0.0/24"] } }.',
        },
      ];

const keyExists: Rule = ({ preSharedKey, preSharedKeys, certificates }) =>
  preSharedKey !== undefined || preSharedKeys.length > 0 || certificates !== undefined
    ? []
    : [
        {
          path: ['preSharedKey'],
          what: 'is missing',
          fix: 'Write a pre-shared key for all clients here, keys of single clients under preSharedKeys, or certificates.',
        },
      ];

const authorityExists: Rule = ({ certificates }) =>
  certificates === undefined || certificates.trust.authorities.length > 0
    ? []
    : [
        {
          path: ['certificates', 'trust', 'authorities'],
          what: 'is empty, so that no client has a certificate that is believed',
          fix: "Name the file with the certificate of the authority that issues the clients'.",
        },
      ];

/** One by the client's address, one for all: those are tried besides. */
const mostKeysByName = maxCandidateKeys - 2;

/** In main mode a client says who it is under its key, so each of these is tried (RFC 2409 §5.4). */
const keysCanBeTried: Rule = ({ preSharedKeys }) =>
  preSharedKeys.filter(({ identity }) => identity.kind !== 'address').length <= mostKeysByName
    ? []
    : [
        {
          path: ['preSharedKeys'],
          what: `has more than ${mostKeysByName} keys of clients that are not known by their address`,
          fix: 'Give several clients one key: a client names itself only under the key, so each of them has to be tried.',
        },
      ];

const legacyIsSwitchedOn: Rule = ({ ipsec }) => {
  if (ipsec.legacy !== undefined) return [];
  return (['ikeProposals', 'espProposals'] as const).flatMap((member) =>
    (ipsec[member] ?? []).flatMap((proposal, i) =>
      strengthOf(proposal) === 'legacy'
        ? [
            {
              path: ['ipsec', member, i],
              what: `uses a broken algorithm (${proposal})`,
              fix: 'Remove it, or switch ipsec.legacy on, with the day on which it ends.',
            },
          ]
        : [],
    ),
  );
};

const sectionExists: Rule = (config) =>
  config.authentication.sources.flatMap((source, i) =>
    source !== 'local' && config[source] === undefined
      ? [
          {
            path: ['authentication', 'sources', i],
            what: `asks ${source}, which is not set up`,
            fix: `Write the section "${source}", or remove this source.`,
          },
        ]
      : [],
  );

/** The certificate of a method that needs one, and who answers what the host itself does not. */
const eapIsAnswered: Rule = ({ authentication: { methods, sources }, eapTls }) =>
  methods.flatMap((method, i) => {
    const at = { path: ['authentication', 'methods', i] };
    if (method === 'eap-tls' && eapTls === undefined) {
      return [{ ...at, what: 'needs a certificate', fix: 'Write the section "eapTls", or remove this method.' }];
    }
    if (method === 'eap' && !sources.includes('radius')) {
      return [
        {
          ...at,
          what: 'is answered by nobody: it is for RADIUS servers',
          fix: 'Write the methods that the host is to answer itself, such as "eap-mschapv2", or the source "radius".',
        },
      ];
    }
    return [];
  });

const ldapCanBind: Rule = ({ authentication: { methods, sources } }) => {
  const i = sources.indexOf('ldap');
  if (i < 0 || methods.includes('pap') || methods.includes('eap-gtc')) return [];
  return [
    {
      path: ['authentication', 'sources', i],
      what: 'asks a directory, which has to be shown the password, while no method carries it',
      fix: 'Add "pap" or "eap-gtc" to authentication.methods, or remove "ldap".',
    },
  ];
};

const winbindCanJudge: Rule = ({ authentication: { methods, sources }, ldap }) => {
  const i = sources.indexOf('winbind');
  if (i < 0) return [];
  const path = ['authentication', 'sources', i];
  return [
    ...(methods.includes('mschapv2')
      ? []
      : [
          {
            path,
            what: 'asks winbind, which judges MS-CHAPv2 alone, while clients are asked for something else',
            fix: 'Add "mschapv2" to authentication.methods, or remove "winbind".',
          },
        ]),
    ...(ldap?.kind === 'activeDirectory'
      ? []
      : [
          {
            path,
            what: 'asks winbind, which says only whether a password is right',
            fix: 'Write the section "ldap" with "kind": "activeDirectory" for the same domain: it says who the user is, in which groups, and whether the account still is.',
          },
        ]),
  ];
};

const groupsExist: Rule = (config) => {
  const known = (name: string): boolean => name === 'default' || Object.hasOwn(config.groups, name);
  const missing = (name: string, path: MemberPath): readonly Finding[] =>
    known(name) ? [] : [{ path, what: `names the group "${name}", which is not there`, fix: unknownName('groups') }];
  return [
    ...(config.defaultGroup === null ? [] : missing(config.defaultGroup, ['defaultGroup'])),
    ...config.users.flatMap(({ groups }, i) => groups.flatMap((name, j) => missing(name, ['users', i, 'groups', j]))),
    ...(['radius', 'ldap'] as const).flatMap((section) =>
      (config[section]?.groups ?? []).flatMap(({ group }, i) => missing(group, [section, 'groups', i, 'group'])),
    ),
  ];
};

const poolsExist: Rule = ({ groups, pools }) =>
  Object.entries(groups).flatMap(([group, { pools: names = [] }]) =>
    names.flatMap((name, i) =>
      Object.hasOwn(pools, name)
        ? []
        : [
            {
              path: ['groups', group, 'pools', i],
              what: `names the pool "${name}", which is not there`,
              fix: unknownName('pools'),
            },
          ],
    ),
  );

const unknownName = (section: string): string => `Write it under ${section}, or correct the name.`;

const splitHasRoutes: Rule = ({ groups }) =>
  Object.entries(groups).flatMap(([name, { tunnel, routes = [] }]) =>
    tunnel === 'split' && routes.length === 0
      ? [
          {
            path: ['groups', name, 'tunnel'],
            what: 'is split, without a route to send through it',
            fix: `List the networks of the office under groups.${name}.routes.`,
          },
        ]
      : [],
  );

const portsHaveProtocol: Rule = ({ groups }) =>
  Object.entries(groups).flatMap(([name, { reach = [] }]) =>
    reach.flatMap(({ protocol, ports }, i) =>
      ports === undefined || protocol === 'tcp' || protocol === 'udp'
        ? []
        : [
            {
              path: ['groups', name, 'reach', i, 'ports'],
              what: `names ports of the protocol "${protocol}"`,
              fix: 'Write "protocol": "tcp" or "udp" beside the ports, once for each.',
            },
          ],
    ),
  );

function repetitions(
  keys: readonly (string | undefined)[],
  path: (i: number) => MemberPath,
  what: string,
  fix: string,
) {
  const seen = new Set<string>();
  return keys.flatMap((key, i) => {
    const isRepeated = key !== undefined && seen.has(key);
    if (key !== undefined) seen.add(key);
    return isRepeated ? [{ path: path(i), what, fix }] : [];
  });
}

const entriesAreUnique: Rule = ({ users, preSharedKeys, gatewayAddress }) => [
  ...repetitions(
    users.map(({ name }) => name),
    (i) => ['users', i, 'name'],
    'is a user that was already written above',
    'Keep one of the two.',
  ),
  ...repetitions(
    [gatewayAddress, ...users.map(({ address }) => address)],
    (i) => ['users', i - 1, 'address'],
    'is the address of another user, or of the host itself',
    'Give each an address of its own.',
  ),
  ...repetitions(
    preSharedKeys.map(({ identity: { kind, value } }) => `${kind} ${value}`),
    (i) => ['preSharedKeys', i, 'identity'],
    'has already a key above',
    'Keep one of the two.',
  ),
];

const limitsFit: Rule = ({ limits: { halfOpen, lockOut } }) => [
  ...(halfOpen.perSource <= halfOpen.total
    ? []
    : [
        {
          path: ['limits', 'halfOpen', 'perSource'],
          what: 'is more than the total',
          fix: `Write at most ${halfOpen.total}, or raise limits.halfOpen.total.`,
        },
      ]),
  ...(lockOut.firstLock <= lockOut.longestLock
    ? []
    : [
        {
          path: ['limits', 'lockOut', 'firstLock'],
          what: 'is more than the longest lock',
          fix: `Write at most ${lockOut.longestLock}, or raise limits.lockOut.longestLock.`,
        },
      ]),
];

const rules: readonly Rule[] = [
  poolExists,
  keyExists,
  authorityExists,
  keysCanBeTried,
  legacyIsSwitchedOn,
  sectionExists,
  eapIsAnswered,
  ldapCanBind,
  winbindCanJudge,
  ...ldapRules,
  groupsExist,
  poolsExist,
  splitHasRoutes,
  portsHaveProtocol,
  ...addressRules,
  entriesAreUnique,
  limitsFit,
];
