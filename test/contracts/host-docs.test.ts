import { expect, test } from 'vitest';
import { z } from 'zod';
import { hostConfig } from '../../main/contracts/host-config.ts';
import { memberRows, type Member } from './member-table.ts';

/** The documents below are written from the contracts: `npx vitest run --project unit test/contracts -u` renews them. */

const schema = z.toJSONSchema(hostConfig, { io: 'input' });

test('docs/host-config.schema.json is the configuration of the host as JSON Schema', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../docs/host-config.schema.json');
});

test('docs/host-config.md names every member of the configuration with its default', async () => {
  const text = `# The configuration of the host

One file makes a machine a gateway: \`culvert host run --config host.json\`. [host.md](host.md) leads from nothing to a connected laptop.
It is JSON in which comments and trailing commas are allowed. A pre-shared key and a pool are enough to begin with:

\`\`\`jsonc
{
  "preSharedKey": { "file": "host.psk" }, // made with: (umask 077; openssl rand -base64 30 > host.psk)
  "pools": { "office": { "ranges": ["10.91.37.0/24"] } },
}
\`\`\`

\`docs/examples/host.jsonc\` shows more, \`docs/host-config.schema.json\` is the JSON Schema for editors. \`culvert host check\` judges a file,
\`culvert host reload\` puts a changed one in force, \`culvert host config restore\` an earlier one. The file is taken as a whole or not at
all: every error is listed with its line, what is wrong and what to do, and the configuration that ran before stays. Unknown and repeated
members are errors. What is valid and most likely not wanted, such as a pool that home routers give out too, is a warning. A dot in the table
is a level of the file; \`NAME\` is a name of your choice (a letter, then letters, digits, \`-\` and \`_\`); \`[]\` stands for each entry of a list.

| member | default | meaning |
| --- | --- | --- |
${memberRows(schema.properties as Readonly<Record<string, Member>>).join('\n')}

## Secrets

A secret (\`preSharedKey\`, \`radius.servers[].secret\` …) is \`{ "file": "path" }\`, relative to this file, or the text itself. Text in this file is
accepted only where the file belongs to root (or to who runs the host) and nobody else can read it: mode 0600. The same holds for the
files that are named. Text that is \`0x\` and pairs of hexadecimal digits, or \`0s\` and base64, stands for those bytes; any
other is taken as it is written.

## Identities and proposals

An identity is \`{ "kind": "fqdn", "value": "vpn.example.com" }\`. The kinds are \`address\`, \`fqdn\` (a host name), \`userFqdn\`
(\`user@example.com\`) and \`keyId\` (any text). Proposals are written as in [a profile](profile.md); in phase 1 the host knows the hash \`md5\`
as well.

\`identity\` is what the host calls itself with a pre-shared key and, in place of its subject, with a certificate: clients that insist on a
name (\`rightid=\` in strongSwan) insist on this one, and the certificate has to hold it.

## Certificates

\`\`\`jsonc
"certificates": {
  "own": [{ "pem": "gateway.pem", "key": "gateway.key" }], // its own first, then the authorities between
  "trust": { "authorities": ["office-ca.pem"], "revocationLists": ["office-ca.crl"] },
  "userBinding": "commonName",
},
\`\`\`

Clients then prove themselves by certificates of these authorities: beside the pre-shared keys, or alone where the configuration has none. A
client that offers both ways comes by its certificate. In IKEv1 both sides sign in the same way, so the host needs a certificate for each kind
of key that clients have: RSA for Windows, macOS and most of the others, ECDSA where clients have that. Clients check that the host's certificate holds
the name or address that they dial; Windows also wants the purpose "server authentication" (or "IKE intermediate").

A client's certificate must be valid, be made for a client or for IKE, not be revoked, and hold the name that the client calls itself (an address is no
name). Who it is of is shown by \`culvert host sessions\` and, as a fingerprint, in the audit log, which also says why one was refused. Certificates say which
machine comes; users still sign in. \`userBinding\` ties the two together. Who is online is judged again every ten minutes, and at once by a reload that changes
whose certificates are believed, such as one with a new list: whose certificate was revoked, or is over, has to go.

3DES, MODP 1024 and MD5 can be broken. They are accepted only under \`ipsec.legacy\`, which has an end date: on the day after, the host
accepts them no more, without anybody having to remember it.

## Users and groups

A user's groups are those of \`users\` in this file, of the local store, and of RADIUS or the directory. Where none is known, \`defaultGroup\` holds;
the group \`default\` need not be written, it then has the defaults of the table. A user in several groups gets each member from the
first of them, in the order of this file, that has it. \`routes\` and \`reach\` are joined over all of them. What RADIUS says about one user
goes before all that, and what \`users\` or the local store say before the groups.

With \`"kind": "activeDirectory"\` a group of the directory is written by its name (\`sAMAccountName\`) or its distinguished name; members of groups in
it count, and whoever has it as the primary group. [host.md](host.md#with-active-directory) shows the rest.

A user with \`networks\` stands for a branch office: packets for these networks go to its session while there is one, and packets from
them are accepted from it.

## Where the addresses come from

- \`"source": "pool"\` (the default): the \`ranges\` of this file. A network such as \`10.91.37.0/24\` means its addresses without the first and the
  last; what is written \`first-last\` is taken exactly. A returning user gets the address of last time, as long as nobody else needed it.
- \`"source": "dhcp"\`: a DHCP server on the LAN of \`interface\`; its \`mode\` is \`proxyArp\` unless written otherwise.

How the office finds the way back is \`mode\`: \`nat\` (nothing to set up, clients appear as the host), \`routed\` (the office's router needs a
route to the pool), \`proxyArp\` (addresses of the LAN itself, which nothing else may use).

(This page is written from \`main/contracts/host-config.ts\` by \`test/contracts/host-docs.test.ts\`.)
`;
  await expect(text).toMatchFileSnapshot('../../docs/host-config.md');
});
