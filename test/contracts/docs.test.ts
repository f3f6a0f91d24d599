import { readFile, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { failureKinds, phases } from '../../main/contracts/failure.ts';
import { profile } from '../../main/contracts/profile.ts';
import { memberRows, type Member } from './member-table.ts';

/** The documents below are written from the contracts: `npx vitest run --project unit test/contracts -u` renews them. */

const schema = z.toJSONSchema(profile, { io: 'input' });

test('docs/profile.schema.json is the profile as JSON Schema', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../docs/profile.schema.json');
});

test('docs/profile.md names every member of the profile with its default', async () => {
  const text = `# The profile

A profile is one JSON file. Three members are enough to begin with: \`version\` (always 1), \`name\` and \`gateway\`; the user
name, the password and the pre-shared key are asked for. \`docs/examples\` has some, \`docs/profile.schema.json\` is the JSON Schema
for editors. Unknown members are refused: a misspelt one never passes silently. A dot in the table is a level of the file:
\`ipsec.security\` is written \`"ipsec": { "security": "modern" }\`.

| member | default | meaning |
| --- | --- | --- |
${memberRows(schema.properties as Readonly<Record<string, Member>>).join('\n')}

A secret (\`ipsec.preSharedKey\`, the \`passphrase\` of a certificate, \`l2tp.tunnelSecret\`) is text, or \`{ "file": "path" }\` relative to the profile. Text that is
\`0x\` and pairs of hexadecimal digits, or \`0s\` and base64, stands for those bytes; any other is taken as it is written. A secret in the
profile is readable by whoever can read the profile: better leave it out and be asked, or give it on standard input (\`--psk-stdin\`).

An identity (\`ipsec.localId\`, \`ipsec.remoteId\`) is \`{ "kind": "fqdn", "value": "vpn.example.com" }\`. The kinds are \`address\`,
\`fqdn\` (a host name), \`userFqdn\` (\`user@example.com\`) and \`keyId\` (any text).

With certificates, \`ipsec.remoteId\` may also be of the kind \`distinguishedName\`, such as \`"O=Example, CN=vpn.example.com"\`.

## Certificates

\`\`\`json
"ipsec": {
  "certificate": { "pkcs12": "alice.p12" },
  "trust": { "authorities": ["office-ca.pem"] }
}
\`\`\`

With \`ipsec.certificate\` both sides prove themselves by certificates (RSA, or ECDSA on P-256, P-384 or P-521), and there is no pre-shared key.
It is a PKCS#12 file, or \`{ "pem": "alice.pem", "key": "alice.key" }\`; a passphrase that is not in \`passphrase\` is asked for. Or it is one of
the user's own ([certificates.md](certificates.md#your-own)): \`{ "stored": "alice" }\` names it by its name, so that one that renews it takes
its place, or by the first 12 digits or more of its number; the authority that it is under is then believed where \`ipsec.trust.authorities\` names none. In IKEv1 both
sides sign in the same way: a client with an RSA certificate needs a gateway with one.

The method \`eap-tls\` shows the same certificate, or another one of the same forms under \`ppp.eapTls.certificate\`, as where IKE goes by a
pre-shared key. (\`certificateFile\` and \`keyFile\` there say the same of PEM, in older profiles.) Its authorities are those of
\`ppp.eapTls.authoritiesFile\`, else those of \`ipsec.trust\`, else the one that a certificate of the user's own is under.

The gateway's certificate must lead to one of \`ipsec.trust.authorities\`, be valid now, be made for a server or for IKE, and hold, among its
alternative names, the name or address under \`gateway\`, exactly as it stands there; the common name does not count. Or it must be of
\`ipsec.remoteId\`, where there is one. A name that the gateway goes by in IKE has to be its certificate's as well. With
\`"revocation": "require"\` nobody is believed of whom it is not known that the certificate was not revoked: by a list under
\`ipsec.trust.revocationLists\`, or by the servers that the certificate names, which are asked only once the rest of it was found good.
[failures.md](failures.md) has what can be wrong with it, each under its own name (\`certificate.…\`, \`ownCertificate.…\`).

## Proposals

A phase 1 proposal (\`ipsec.ikeProposals\`) is encryption, hash and group: \`"aes256-sha256-modp2048"\`. A phase 2 proposal
(\`ipsec.espProposals\`) is encryption and integrity, \`"aes256-sha256"\`, or one that does both, \`"aes256gcm16"\`.

- encryption: \`aes128\`, \`aes192\`, \`aes256\`, \`3des\`; in phase 2 also \`aes128gcm16\`, \`aes256gcm16\`
- hash and integrity: \`sha1\`, \`sha256\`, \`sha384\`, \`sha512\`
- group: those of \`ipsec.pfs\`

## Your profiles

\`culvert connect office\` connects with the profile of that name among your own, \`culvert connect office.json\` with a file. Your own are
in \`~/.config/culvert/profiles\` (\`$XDG_CONFIG_HOME\`), a file each, which you may edit: the app and the command line notice. A file that
cannot be used is named and left as it is.

| command | |
| --- | --- |
| \`culvert profile list\`, \`show\`, \`remove\` | which there are, what one does, and removing it |
| \`culvert profile import\` | from a file or a \`culvert://\` link, once you have seen what it will do and said yes |
| \`culvert profile export\` | for another computer: without secrets, or with them sealed (\`--with-secrets\`), as a file or a link (\`--link\`) |
| \`culvert profile forget\` | its secrets, wherever they are |
| \`culvert profile keygen\`, \`sign\`, \`endorse\`, \`check\` | for others: [managed-profiles.md](managed-profiles.md) |

No secret is in these files. The keychain has them (libsecret, such as gnome-keyring); where there is none that works, Culvert says so
and forgets them when it ends, unless you choose a passphrase in the app that seals them (scrypt, AES-256-GCM) in \`~/.config/culvert/secrets.sealed\`.
An import takes secrets that are written in a profile to where the others are, and refuses one that names files of this computer. A link carries the
profile itself; nothing is fetched from anywhere.

(This page is written from \`main/contracts/profile.ts\` by \`test/contracts/docs.test.ts\`.)
`;
  await expect(text).toMatchFileSnapshot('../../docs/profile.md');
});

test('docs/failures.md lists every failure with its phase, cause and fix', async () => {
  const sections = Object.entries(phases).map(([phase, { title, exitCode }]) => {
    const codes = Object.entries(failureKinds).filter(([, kind]) => kind.phase === phase);
    const list = codes.map(([code, { cause, fix }]) => `- **\`${code}\`** ${cause} *${fix}*`);
    return `## ${title} (exit code ${exitCode})\n\n${list.join('\n')}`;
  });
  const text = `# What can fail, and what to do

Every failure has a code, the phase it happened in, what happened and what to do. Words in braces are facts of the moment.
\`culvert connect\` ends with the exit code of the phase; with 0 after Ctrl-C or \`culvert disconnect\` (\`user.stopped\`), and with 1 for a
mistake in its command line.

${sections.join('\n\n')}

(This page is written from \`main/contracts/failure.ts\` by \`test/contracts/docs.test.ts\`.)
`;
  await expect(text).toMatchFileSnapshot('../../docs/failures.md');
});

const examples = new URL('../../docs/examples/', import.meta.url);

test.each((await readdir(examples)).filter((file) => file.endsWith('.json')))(
  'the example %s is valid',
  async (file) => {
    const json: unknown = JSON.parse(await readFile(new URL(file, examples), 'utf8'));
    expect(profile.safeParse(json)).toMatchObject({ success: true });
  },
);
