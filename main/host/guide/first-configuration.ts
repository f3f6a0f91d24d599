import { hostConfig } from '../../contracts/host-config.ts';
import type { HostChoices } from '../../contracts/host-guide.ts';

/** Where a new host keeps what is not in its configuration. */
export interface FirstFiles {
  /** Relative to the configuration. */
  readonly preSharedKey: string;
  /** Absolute, of folders of the host's own. */
  readonly users: string;
  readonly usersKey: string;
  readonly audit: string;
  readonly authority: string;
}

/** The pool that `setUpHost` makes; groups may name others later. */
const poolName = 'office';

/** The first configuration as text, with comments for whoever goes on by hand. Only what differs from the defaults is written. */
export function firstConfiguration({ name, server, pool, tunnel, routes }: HostChoices, files: FirstFiles): string {
  const split = `
  // Clients send through the tunnel what goes to these networks, and the rest as before.
  "groups": { "default": { "tunnel": "split", "routes": ${json(routes)} } },
`;
  return `{
  // Written by the guide that turns host mode on; docs/host-config.md explains every member.
  "version": 1,

  // What the instructions for clients say.
  "clients": { "name": ${json(name)}, "server": ${json(server)} },

  // Every client knows this key; it is not a password.
  "preSharedKey": { "file": ${json(files.preSharedKey)} },

  // Addresses for the clients: a network that neither the office nor anybody's home uses.
  "pools": { ${json(poolName)}: { "ranges": [${json(pool)}] } },
${tunnel === 'split' ? split : ''}${elsewhere(files)}}
`;
}

/** JSON with spaces as people write it. */
function json(value: string | readonly string[]): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : `[${value.map((each) => JSON.stringify(each)).join(', ')}]`;
}

const standard = hostConfig.parse({ pools: {} });

function elsewhere({ users, usersKey, audit, authority }: FirstFiles): string {
  const { localUsers } = standard;
  const members = [
    ...(users === localUsers.file && usersKey === localUsers.keyFile
      ? []
      : [`  "localUsers": { "file": ${json(users)}, "keyFile": ${json(usersKey)} }`]),
    ...(audit === standard.audit.file ? [] : [`  "audit": { "file": ${json(audit)} }`]),
    ...(authority === standard.certificateAuthority.folder
      ? []
      : [`  "certificateAuthority": { "folder": ${json(authority)} }`]),
  ];
  return members.length === 0 ? '' : `\n${members.join(',\n')},\n`;
}
