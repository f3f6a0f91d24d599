/** What can be wrong with certificates: a part of the table in `failure.ts`. */
export const certificateFailures = {
  // ── The gateway's certificate
  'certificate.missing': {
    phase: 'ikeAuthentication',
    cause: 'The gateway sent no certificate to prove itself by.',
    fix: "Have the gateway's administrator turn on the sending of its certificate.",
    retry: 'user',
  },
  'certificate.malformed': {
    phase: 'ikeAuthentication',
    cause: 'What the gateway sent as its certificate is none that can be used: {detail}.',
    fix: 'Its administrator has to install another one: an X.509 certificate for RSA or ECDSA.',
    retry: 'user',
  },
  'certificate.unknownAuthority': {
    phase: 'ikeAuthentication',
    cause: 'No authority that the profile trusts vouches for the certificate of the gateway ({subject}): it {detail}.',
    fix: "If this is the gateway you mean, have its authority's certificate from the administrator by a way that you trust, and import it (or list it under ipsec.trust.authorities). If you expected another authority, do not connect: this may be an impostor.",
    retry: 'user',
  },
  'certificate.weak': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway ({subject}) is no proof any more: it {detail}.',
    fix: 'Its administrator has to replace it by one with RSA of at least 2048 bits or ECDSA, signed with SHA-2; ipsec.trust.allowSha1 admits SHA-1 for a while.',
    retry: 'user',
  },
  'certificate.notYetValid': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway ({subject}) is not valid yet: it {detail}.',
    fix: "Check this computer's date and time; if they are right, the gateway's administrator has to install a certificate that is valid now.",
    retry: 'user',
  },
  'certificate.expired': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway ({subject}) has expired: it {detail}.',
    fix: "The gateway's administrator has to renew it. Check this computer's date and time as well.",
    retry: 'user',
  },
  'certificate.wrongUsage': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway ({subject}) was not made for a gateway: it {detail}.',
    fix: 'Its administrator has to install one for server authentication or IKE, with the key usage "digital signature".',
    retry: 'user',
  },
  'certificate.wrongName': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway ({subject}) is of somebody else: it {detail}.',
    fix: 'Dial the gateway by a name or address that its certificate holds, or pin the one that it does hold under ipsec.remoteId. If the certificate is not of your gateway, do not connect: this may be an impostor.',
    retry: 'user',
  },
  'certificate.wrongKey': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway ({subject}) does not fit the way to sign that it agreed to: it {detail}.',
    fix: "Gateway and client have to have certificates of one kind in IKEv1: both RSA, or both ECDSA on the same curve. Use the other certificate, or have the gateway's replaced.",
    retry: 'user',
  },
  'certificate.revoked': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway ({subject}) was revoked: it {detail}.',
    fix: "Do not connect; whoever has its key may be an impostor. The gateway's administrator has to install a new one.",
    retry: 'user',
  },
  'certificate.revocationUnknown': {
    phase: 'ikeAuthentication',
    cause: 'Whether the certificate of the gateway ({subject}) was revoked could not be found out: it {detail}.',
    fix: 'Check that this network lets the revocation server be reached, or name a current list under ipsec.trust.revocationLists; ipsec.trust.revocation "prefer" connects without an answer.',
    retry: 'redial',
  },
  'certificate.badSignature': {
    phase: 'ikeAuthentication',
    cause: 'The gateway does not have the private key of the certificate that it sent ({subject}).',
    fix: 'Do not connect; this may be an impostor. If it is your gateway, its administrator has to install certificate and key together.',
    retry: 'user',
  },
  'certificate.notJudged': {
    phase: 'ikeAuthentication',
    cause: 'The certificate of the gateway could not be checked in time: an answer about revocation did not come.',
    fix: 'Try again; if it repeats, name a current list under ipsec.trust.revocationLists, or set ipsec.trust.revocation to "ignore".',
    retry: 'redial',
  },
  // ── The user's list of certificates
  'certificates.unknown': {
    phase: 'setup',
    cause: 'There is no certificate {which}, or more than one.',
    fix: '"culvert certificates list" shows them; name one by its number there.',
    retry: 'user',
  },
  'certificates.exists': {
    phase: 'setup',
    cause: '{what} is there already.',
    fix: 'Nothing is to be done; or delete the one that is there, or give the file another name.',
    retry: 'user',
  },
  'certificates.passphrase': {
    phase: 'setup',
    cause: 'The passphrase of {file} is missing, or is another one.',
    fix: 'Ask whoever made the file for it.',
    retry: 'user',
  },
  'certificates.unusable': {
    phase: 'setup',
    cause: '{file} cannot be used: {reason}.',
    fix: 'Give PKCS#12, or PEM with the certificate and its private key; an authority needs no key.',
    retry: 'user',
  },
  'certificates.locked': {
    phase: 'setup',
    cause: 'The private key cannot be opened: the key that it is sealed with is gone, or another one.',
    fix: 'Unlock the keychain, or put sealing.key in the folder of the certificates back from a backup; else import the certificate again.',
    retry: 'user',
  },
  'certificates.notWritten': {
    phase: 'setup',
    cause: '{what} cannot be written: {reason}.',
    fix: 'Check that the place is yours to write to, and that the disk is not full.',
    retry: 'user',
  },
  'certificates.legacyNeedsRsa': {
    phase: 'setup',
    cause: 'The encryption of old holds RSA keys only, and this one is ECDSA.',
    fix: 'Take the encryption of today (on the command line: leave --legacy out).',
    retry: 'user',
  },
  // ── This computer's certificate
  'ownCertificate.unreadable': {
    phase: 'setup',
    cause: 'The certificate of this computer cannot be read: {file}: {reason}.',
    fix: 'Correct {member}, or put the file there, readable by you alone.',
    retry: 'user',
  },
  'ownCertificate.notStored': {
    phase: 'setup',
    cause: 'There is no certificate {which} with its private key among yours.',
    fix: 'Import it on the page Certificates or with "culvert certificates import", or choose another one in the profile ({member}).',
    retry: 'user',
  },
  'ownCertificate.ambiguous': {
    phase: 'setup',
    cause: 'There are several certificates {which} among yours, and not all of the same authority.',
    fix: 'Choose one in the profile ({member}), where it is named by its number ("culvert certificates list"), or delete those that you do not want.',
    retry: 'user',
  },
  'ownCertificate.exposed': {
    phase: 'setup',
    cause: 'Others may read the private key {file}.',
    fix: 'Take their rights away: chmod 600 {file}',
    retry: 'user',
  },
  'ownCertificate.invalid': {
    phase: 'setup',
    cause: 'The certificate of this computer cannot be used: {file}: {reason}.',
    fix: 'It takes a certificate with its own private key: RSA of at least 2048 bits or ECDSA on P-256, P-384 or P-521, as PKCS#12 or PEM. Have it made anew.',
    retry: 'user',
  },
  'ownCertificate.passphrase': {
    phase: 'setup',
    cause: 'The passphrase of {file} is missing or wrong.',
    fix: 'Type it again, or correct {member}.passphrase.',
    retry: 'user',
  },
  'ownCertificate.expired': {
    phase: 'setup',
    cause: 'The certificate of this computer ({subject}) expired on {date}.',
    fix: "Have the administrator issue a new one, and check this computer's date and time.",
    retry: 'user',
  },
  'ownCertificate.notYetValid': {
    phase: 'setup',
    cause: 'The certificate of this computer ({subject}) begins on {date}.',
    fix: "Check this computer's date and time; if they are right, wait until then or have another one issued.",
    retry: 'user',
  },
  'trust.none': {
    phase: 'setup',
    cause:
      'There is no authority that could vouch for the gateway: {member} names none, and none among your certificates issued the one of this computer.',
    fix: 'Import the certificate (CA) of the authority that issued yours, which the administrator has, on the page Certificates or with "culvert certificates import"; name another one in {member}.',
    retry: 'user',
  },
  'trust.unreadable': {
    phase: 'setup',
    cause: 'A file of {member} cannot be used: {file}: {reason}.',
    fix: 'Name a file that holds certificates of authorities (or, for revocationLists, revocation lists), as PEM or DER.',
    retry: 'user',
  },
  'ike.certificateRefused': {
    phase: 'ikeAuthentication',
    cause: "The gateway does not accept this computer's certificate: it answered {notification}.",
    fix: "The gateway's log says why: its authority may be unknown there, or it expired, was revoked, or has another name than the gateway expects. Have the administrator issue a new one or trust its authority.",
    retry: 'user',
  },
  'ike.certificateNoAnswer': {
    phase: 'ikeAuthentication',
    cause: "The gateway stopped answering at the message with this computer's certificate.",
    fix: 'Most often it does not accept the certificate (its log says why), or large packets are lost on the way: try another network, or set ipsec.fragmentBytes lower, such as 576.',
    retry: 'user',
  },
} as const;
