import type { AuditReason } from '../../contracts/audit.ts';

/** Why somebody did not get in, and what to do about it: `culvert host status`, `audit show` and docs/host.md say it alike. */
export const reasonTexts: Readonly<Record<AuditReason, { readonly what: string; readonly fix: string }>> = {
  noCommonProposal: {
    what: 'the client offers no encryption that the host accepts',
    fix: 'Set ipsec.security to "compatible", or switch ipsec.legacy on for a client that knows nothing better.',
  },
  wrongPreSharedKey: {
    what: 'the pre-shared key of the client is another',
    fix: 'Type it again on the client, exactly; it is not the password.',
  },
  unknownIdentity: {
    what: 'the client calls itself something that has no pre-shared key',
    fix: 'Write preSharedKey for all clients, or this identity under preSharedKeys.',
  },
  certificateUntrusted: {
    what: 'no authority that the host trusts vouches for the certificate of the client',
    fix: 'Issue it one of an authority under certificates.trust.authorities, or add its authority there.',
  },
  certificateOutOfTime: {
    what: 'the certificate of the client has expired, or is not valid yet',
    fix: "Issue it a new one; compare the host's clock as well.",
  },
  certificateRevoked: {
    what: 'the certificate of the client was revoked',
    fix: 'If it should come in, issue it a new one.',
  },
  certificateUnchecked: {
    what: 'whether the certificate of the client was revoked could not be found out',
    fix: 'Name a current list under certificates.trust.revocationLists, see that the revocation server answers, or set certificates.trust.revocation to "prefer".',
  },
  certificateUnfit: {
    what: 'the client sent no certificate, or one that is of no use here',
    fix: 'Issue it one for client authentication or IKE: RSA of at least 2048 bits or ECDSA, signed with SHA-2.',
  },
  certificateMismatch: {
    what: 'the client calls itself something that its certificate does not say, or does not have the key of it',
    fix: 'Have the client name itself by the subject or an alternative name of its certificate, and install certificate and key together.',
  },
  halfOpenLimit: {
    what: 'too many negotiations at the same time',
    fix: 'Look where they come from; raise limits.halfOpen if they are honest.',
  },
  sessionLimit: { what: 'the host is full', fix: 'Raise limits.sessions.' },
  protocolError: {
    what: 'the client broke the protocol',
    fix: 'Try again; if it repeats, report it with the kind and version of the client.',
  },
  timeout: {
    what: 'the client fell silent in the middle',
    fix: 'Look at the port forwards (UDP 500 and 4500); with Windows behind or before a router, at the registry value.',
  },
  abandoned: {
    what: 'the client gave up',
    fix: 'Ask the user; a client that always does may lack a route to its address, or an answer it wants.',
  },
  noCommonMethod: {
    what: 'the client and the host have no authentication method in common',
    fix: 'Turn on MS-CHAP v2 on the client, or add its method to authentication.methods.',
  },
  unknownUser: {
    what: 'nobody has this name',
    fix: 'Compare it with "culvert host users list": upper and lower case count, and so does DOMAIN\\ in front.',
  },
  wrongPassword: {
    what: 'the password is wrong',
    fix: 'Type it again on the client, or give a new one with "culvert host users password".',
  },
  accountDisabled: { what: 'the account is disabled', fix: '"culvert host users enable" lets the user in again.' },
  accountExpired: {
    what: 'the account has ended',
    fix: '"culvert host users set NAME --expires" gives it a later end.',
  },
  outsideHours: {
    what: 'it is not within the allowed hours',
    fix: '"culvert host users set NAME --hours" changes them.',
  },
  passwordExpired: {
    what: 'the password has expired',
    fix: 'The client can change it when it asks; or give a new one with "culvert host users password".',
  },
  passwordChangeRefused: {
    what: 'the new password is not allowed',
    fix: 'Choose one of at least 8 characters that is neither the old one nor the user name; in a domain, its own rules hold.',
  },
  notAllowed: {
    what: 'the user may not connect',
    fix: 'Put the user into a group, or set defaultGroup.',
  },
  lockedOut: {
    what: 'there were too many wrong passwords from this address',
    fix: 'Wait: the lock ends by itself. limits.lockOut tells how long.',
  },
  wrongCode: {
    what: 'the one-time code is wrong',
    fix: 'Look at the clock of the telephone, or enrol the user again with "culvert host users totp enrol".',
  },
  codeReused: {
    what: 'the one-time code was used before',
    fix: 'Wait for the next one; if it was not the user, somebody is reading along: change the password.',
  },
  codeMissing: {
    what: 'the password is right, and no one-time code was behind it',
    fix: 'Type the code right behind the password, or let Culvert ask for it (eap-gtc).',
  },
  notEnrolled: {
    what: 'the group of the user requires one-time codes, and the user has none',
    fix: '"culvert host users totp enrol NAME" gives them.',
  },
  certificateRefused: {
    what: 'the certificate is not accepted, or belongs to somebody else',
    fix: 'Compare its names with the user, its dates with today, and its authority with eapTls.authoritiesFile.',
  },
  approvalDenied: { what: 'the approval was refused', fix: 'Ask the user whether it was them.' },
  certificateOfAnother: {
    what: 'the certificate of the client is not of the user who signs in',
    fix: 'Issue the user a certificate with their name, or set certificates.userBinding to "none".',
  },
  serversUnavailable: {
    what: 'neither a RADIUS server nor a directory answered',
    fix: 'Look at the server and its log: a wrong secret, and a missing Message-Authenticator, look like silence.',
  },
  sessionsReached: {
    what: 'the user has as many sessions as allowed',
    fix: 'End one with "culvert host disconnect", or raise sessionsPerUser of the group.',
  },
  noAddress: { what: 'no address is free', fix: 'Widen the pool.' },
  addressTaken: { what: 'the fixed address is in use', fix: 'Give the address to one user only.' },
  dhcpSilent: {
    what: 'the DHCP server of the LAN does not answer',
    fix: 'Look at the server, and at the interface of the pool.',
  },
};
