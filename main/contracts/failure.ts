import { certificateFailures } from './failures/certificates.ts';
import { helperFailures } from './failures/helper.ts';
import { profileFailures } from './failures/profiles.ts';

/**
 * Every way a connection can fail: its phase, what happened and what to do. The texts of the UI and the CLI, the exit code and
 * `docs/failures.md` come from this table. `{name}` in a text is replaced by the fact of that name.
 */

/** In the order they happen. A phase's exit code tells scripts which one failed. */
export const phases = {
  setup: { title: 'Preparation', exitCode: 10 },
  nameLookup: { title: 'Name lookup', exitCode: 11 },
  reach: { title: 'Reaching the gateway', exitCode: 12 },
  ikePhase1: { title: 'IKE phase 1', exitCode: 13 },
  ikeAuthentication: { title: 'IKE authentication', exitCode: 14 },
  ikePhase2: { title: 'IKE phase 2', exitCode: 15 },
  l2tpTunnel: { title: 'L2TP tunnel', exitCode: 16 },
  lcp: { title: 'PPP link', exitCode: 17 },
  userAuthentication: { title: 'User authentication', exitCode: 18 },
  addresses: { title: 'Addresses', exitCode: 19 },
  routes: { title: 'Routes', exitCode: 20 },
  dns: { title: 'DNS', exitCode: 21 },
  online: { title: 'Online', exitCode: 22 },
} as const;

export type Phase = keyof typeof phases;

interface FailureKind {
  readonly phase: Phase;
  readonly cause: string;
  readonly fix: string;
  /** `redial`: a later try may succeed by itself. `user`: never tried again before the user has changed something. */
  readonly retry: 'redial' | 'user';
}

const kinds = {
  // ── Preparation
  'profile.unreadable': {
    phase: 'setup',
    cause: 'The profile {file} cannot be read: {reason}.',
    fix: 'Check that it is the file that you mean, and that you may read it; docs/examples has some to begin with.',
    retry: 'user',
  },
  'profile.notJson': {
    phase: 'setup',
    cause: 'The profile {file} cannot be understood: {reason}.',
    fix: 'Correct it, or get it anew; often a comma, a quotation mark or a bracket is missing just before the place that is named, or there is one too many. docs/examples has profiles to begin with.',
    retry: 'user',
  },
  'profile.invalid': {
    phase: 'setup',
    cause: 'The profile {file} is not valid: {problems}.',
    fix: 'Correct the named members; docs/profile.md describes each one.',
    retry: 'user',
  },
  ...profileFailures,
  'credentials.missing': {
    phase: 'setup',
    cause: 'The {what} is not known.',
    fix: '{how}',
    retry: 'user',
  },
  'certificate.unusable': {
    phase: 'setup',
    cause: 'The {what} cannot be used: {reason}.',
    fix: 'Correct the path under ppp.eapTls; the files hold PEM, and the private key has to be readable by its owner alone.',
    retry: 'user',
  },
  'connection.busy': {
    phase: 'setup',
    cause: 'A connection named {name} is already running (process {pid}).',
    fix: 'Run "culvert disconnect {name}" first, or give this one another name with --name.',
    retry: 'user',
  },
  ...helperFailures,
  'app.settings': {
    phase: 'setup',
    cause: 'The settings could not be saved: {reason}.',
    fix: 'Check that your configuration folder (~/.config/culvert) is yours and that the disk is not full.',
    retry: 'user',
  },
  'app.fileNotWritten': {
    phase: 'setup',
    cause: '{file} cannot be written: {reason}.',
    fix: 'Choose another folder, or make room on the disk.',
    retry: 'user',
  },
  'host.auditLog': {
    phase: 'setup',
    cause: 'The audit log {file} cannot be written: {reason}.',
    fix: 'Correct audit.file in the configuration, or make its folder writable; one host writes one log.',
    retry: 'user',
  },
  'host.alreadySetUp': {
    phase: 'setup',
    cause: 'There is a configuration of a host already: {file}.',
    fix: 'Use it; or, to begin anew, move it away first.',
    retry: 'user',
  },
  'host.setUpRefused': {
    phase: 'setup',
    cause: 'A host cannot be set up like this: {problems}.',
    fix: 'Choose other values for what is named.',
    retry: 'user',
  },
  'host.userRefused': {
    phase: 'setup',
    cause: 'The user {user} could not be added: {reason}.',
    fix: 'Look at the files in the folder "users" of the host; docs/host.md says where it is.',
    retry: 'user',
  },
  'host.notSetUp': {
    phase: 'setup',
    cause: 'No host is set up: {file} is not there.',
    fix: 'Set one up, on the host page or with "culvert host setup".',
    retry: 'user',
  },
  'host.elsewhere': {
    phase: 'setup',
    cause: 'You run a host already, outside the app (process {pid}).',
    fix: 'End it there with Ctrl-C, then turn the host on here.',
    retry: 'user',
  },
  'host.configurationRefused': {
    phase: 'setup',
    cause: 'The configuration of the host cannot be used: {problems}.',
    fix: 'Take the change back, or correct the file; "culvert host check" lists every error with its line.',
    retry: 'user',
  },
  'host.notInForce': {
    phase: 'setup',
    cause: 'It is done and kept, but the running host does not go by it yet: {reason}.',
    fix: 'Correct what is named, then run "culvert host reload", or turn the host off and on. Until then, who was let in by a certificate that is revoked now stays, and may come again.',
    retry: 'user',
  },
  'host.versionUnknown': {
    phase: 'setup',
    cause: 'Version {version} of the configuration is not kept any more.',
    fix: 'Choose another one.',
    retry: 'user',
  },
  'host.notOn': {
    phase: 'setup',
    cause: 'The host is off.',
    fix: 'Turn it on first.',
    retry: 'user',
  },
  'host.authorityUnreadable': {
    phase: 'setup',
    cause: 'The file {file} cannot be used as an authority: {reason}.',
    fix: 'Choose a PKCS#12 file with its passphrase, or a PEM file of yours alone that holds the certificate and its private key.',
    retry: 'user',
  },
  'host.codeWrong': {
    phase: 'setup',
    cause: 'That is not the code that this secret gives at this moment.',
    fix: 'Type the code that the application shows now. If it is never right, compare the clocks of the telephone and of this computer.',
    retry: 'user',
  },
  'host.enrolmentOver': {
    phase: 'setup',
    cause: 'The secret that was shown for {user} is not waited for any more.',
    fix: 'Begin again, with a new one.',
    retry: 'user',
  },
  'host.refused': {
    phase: 'setup',
    cause: '{what}',
    fix: '{fix}',
    retry: 'user',
  },
  'host.setUpFailed': {
    phase: 'setup',
    cause: 'The files of the host could not be written: {reason}.',
    fix: 'Make room on the disk, or look at the permissions of the folder; the host of the whole machine takes root.',
    retry: 'user',
  },
  // ── Reaching the gateway
  'gateway.nameNotFound': {
    phase: 'nameLookup',
    cause: 'The name {host} does not exist, or has no address.',
    fix: 'Check the spelling of the gateway. A name that is known inside the company only cannot be dialled from outside: ask its administrator for the public one.',
    retry: 'redial',
  },
  'gateway.lookupFailed': {
    phase: 'nameLookup',
    cause: 'The address of {host} could not be looked up: {reason}.',
    fix: 'Check that this computer is online; a hotel or a train may want a sign-in in the browser first.',
    retry: 'redial',
  },
  'gateway.noRoute': {
    phase: 'reach',
    cause: 'This computer has no route to {address}.',
    fix: 'Check that this computer is online, then connect again.',
    retry: 'redial',
  },
  'gateway.unreachable': {
    phase: 'reach',
    cause: '{address} did not answer on UDP port 500 within {seconds} s.',
    fix: 'Check the address, that the gateway is running, and that no firewall on the way blocks UDP 500 and 4500; if it works from another network, this network blocks it.',
    retry: 'redial',
  },
  'gateway.portClosed': {
    phase: 'reach',
    cause: '{address} is reachable, but nothing there listens on UDP port 500.',
    fix: 'Check the address, and that the VPN service is running on the gateway.',
    retry: 'redial',
  },
  // ── IKE
  'ike.noCommonProposal': {
    phase: 'ikePhase1',
    cause: 'The gateway accepts none of the phase 1 proposals offered: {offered}.',
    fix: 'Ask the administrator which it accepts and put it under ipsec.ikeProposals, or set ipsec.security to a lower level.',
    retry: 'user',
  },
  'ike.phase1Timeout': {
    phase: 'ikePhase1',
    cause: 'The gateway answered, then fell silent during IKE phase 1 (after message {messages}).',
    fix: 'A firewall may drop UDP 4500 or large packets: try another network, or set ipsec.fragmentBytes lower, such as 576.',
    retry: 'redial',
  },
  'ike.noNatTraversal': {
    phase: 'ikePhase1',
    cause: 'The gateway does not support NAT traversal, which Culvert needs.',
    fix: 'Turn on NAT traversal (UDP 4500) on the gateway.',
    retry: 'user',
  },
  'ike.refused': {
    phase: 'ikePhase1',
    cause: 'The gateway refused the connection with the notification {notification}.',
    fix: "Look into the gateway's log at this time; it names what it did not like.",
    retry: 'user',
  },
  'ike.protocol': {
    phase: 'ikePhase1',
    cause: 'The gateway broke the IKE protocol: {reason}.',
    fix: 'Connect again; if it repeats, report it with the name and version of the gateway.',
    retry: 'redial',
  },
  'ike.wrongPreSharedKey': {
    phase: 'ikeAuthentication',
    cause:
      'The gateway and this computer do not have the same pre-shared key: its messages cannot be decrypted or it stopped answering at the first encrypted one.',
    fix: 'Type the pre-shared key again exactly as the administrator gave it (it is not your password).',
    retry: 'user',
  },
  'ike.authenticationTimeout': {
    phase: 'ikeAuthentication',
    cause:
      'The gateway stopped answering at the first encrypted message: most often the pre-shared keys differ, sometimes UDP 4500 is blocked.',
    fix: 'Type the pre-shared key again exactly as the administrator gave it; if it is right, try another network.',
    retry: 'user',
  },
  'ike.identityMismatch': {
    phase: 'ikeAuthentication',
    cause: 'The gateway calls itself {claimed}, but the profile expects {expected}.',
    fix: 'If {claimed} is the gateway you mean, put it under ipsec.remoteId, in the form that docs/profile.md shows.',
    retry: 'user',
  },
  ...certificateFailures,
  'esp.noCommonProposal': {
    phase: 'ikePhase2',
    cause: 'The gateway accepts none of the phase 2 proposals offered: {offered}.',
    fix: 'Ask the administrator which it accepts and put it under ipsec.espProposals, or change ipsec.pfs or ipsec.security.',
    retry: 'user',
  },
  'ike.phase2Refused': {
    phase: 'ikePhase2',
    cause: 'The gateway refused phase 2 with the notification {notification}.',
    fix: "Check that the gateway's L2TP/IPsec server is on, in transport mode for UDP port 1701.",
    retry: 'user',
  },
  'ike.phase2Timeout': {
    phase: 'ikePhase2',
    cause: 'The gateway stopped answering during IKE phase 2.',
    fix: "Check that the gateway's L2TP/IPsec server is on; its log tells why it did not answer.",
    retry: 'redial',
  },
  // ── L2TP
  'l2tp.noResponse': {
    phase: 'l2tpTunnel',
    cause: 'IPsec works, but nothing answers L2TP inside it within {seconds} s.',
    fix: 'Check that the L2TP service (xl2tpd, RRAS …) is running on the gateway and allowed by its firewall.',
    retry: 'redial',
  },
  'l2tp.refused': {
    phase: 'l2tpTunnel',
    cause: 'The gateway refused the L2TP tunnel: {reason}.',
    fix: "Look into the gateway's L2TP log; it may be full, or allow only known clients.",
    retry: 'redial',
  },
  'l2tp.callRefused': {
    phase: 'l2tpTunnel',
    cause: 'The gateway refused the L2TP session: {reason}.',
    fix: "Look into the gateway's L2TP log; it may have no free session or address.",
    retry: 'redial',
  },
  'l2tp.tunnelAuthentication': {
    phase: 'l2tpTunnel',
    cause: 'The gateway and this computer do not have the same L2TP tunnel secret.',
    fix: 'Correct l2tp.tunnelSecret; leave it out if the administrator gave none.',
    retry: 'user',
  },
  'l2tp.protocol': {
    phase: 'l2tpTunnel',
    cause: 'The gateway broke the L2TP protocol: {reason}.',
    fix: 'Connect again; if it repeats, report it with the name and version of the gateway.',
    retry: 'redial',
  },
  // ── PPP
  'ppp.lcpTimeout': {
    phase: 'lcp',
    cause: 'The L2TP session is open, but the PPP service behind it did not answer.',
    fix: "Look into the gateway's PPP log (pppd, RRAS …); connect again in a minute.",
    retry: 'redial',
  },
  'ppp.loopback': {
    phase: 'lcp',
    cause: 'The PPP link is looped back: this computer hears itself.',
    fix: 'The gateway or something before it reflects packets: its administrator has to mend it.',
    retry: 'user',
  },
  'ppp.protocol': {
    phase: 'lcp',
    cause: 'The PPP link was ended by the gateway before it was open: {reason}.',
    fix: "Look into the gateway's PPP log for the reason.",
    retry: 'redial',
  },
  'auth.noCommonMethod': {
    phase: 'userAuthentication',
    cause: 'The gateway wants to authenticate by {offered}, the profile allows {allowed}.',
    fix: 'Add the method to ppp.authentication if your administrator agrees.',
    retry: 'user',
  },
  'auth.rejected': {
    phase: 'userAuthentication',
    cause: 'The gateway rejected the user name or the password{message}.',
    fix: 'Check the user name (some gateways want DOMAIN\\user or user@hub) and type the password again.',
    retry: 'user',
  },
  'auth.passwordExpired': {
    phase: 'userAuthentication',
    cause: 'The password has expired{message}.',
    fix: 'Connect where you can be asked for a new one (on a terminal, or in the app), or with --new-password-stdin; or change it where your organisation lets you.',
    retry: 'user',
  },
  'auth.accountDisabled': {
    phase: 'userAuthentication',
    cause: 'The account is disabled, or has ended{message}.',
    fix: 'Ask the administrator to enable it, or to let it end later.',
    retry: 'user',
  },
  'auth.hours': {
    phase: 'userAuthentication',
    cause: 'The account may not sign in at this time{message}.',
    fix: 'Connect within the allowed hours, or ask the administrator.',
    retry: 'user',
  },
  'auth.notAllowed': {
    phase: 'userAuthentication',
    cause: 'The account has no permission to use the VPN{message}.',
    fix: 'Ask the administrator for remote access.',
    retry: 'user',
  },
  'auth.passwordChangeFailed': {
    phase: 'userAuthentication',
    cause: 'The gateway did not accept the new password{message}.',
    fix: "Choose one that meets the organisation's rules (length, characters, not used before).",
    retry: 'user',
  },
  'auth.challengeUnanswered': {
    phase: 'userAuthentication',
    cause: 'The gateway asked for more than a password, and got no answer{text}.',
    fix: 'Connect again where you can be asked (on a terminal, or in the app), and answer within a minute.',
    retry: 'user',
  },
  'auth.gatewayCertificate': {
    phase: 'userAuthentication',
    cause: "The gateway's certificate for EAP-TLS is not accepted: {reason}.",
    fix: 'Check ppp.eapTls.authorities and ppp.eapTls.serverName against what the administrator gave; if they are right, this may be an impostor.',
    retry: 'user',
  },
  'auth.certificateRefused': {
    phase: 'userAuthentication',
    cause: 'The gateway did not accept the certificate of this computer: {reason}.',
    fix: 'Check that it has not expired and that its authority is one that the gateway trusts, and ask the administrator for a new one.',
    retry: 'user',
  },
  'auth.timeout': {
    phase: 'userAuthentication',
    cause: 'The gateway did not finish checking the user name and password.',
    fix: 'Its RADIUS or directory server may be down: try again in a few minutes, or tell the administrator.',
    retry: 'redial',
  },
  'auth.serverNotAuthentic': {
    phase: 'userAuthentication',
    cause: 'The gateway could not prove that it knows your password.',
    fix: 'Do not connect; this may be an impostor. Tell the administrator.',
    retry: 'user',
  },
  'ppp.noAddress': {
    phase: 'addresses',
    cause: 'The gateway accepted you but has no address to give.',
    fix: 'Its address pool is empty or its DHCP server does not answer: tell the administrator, or try again later.',
    retry: 'redial',
  },
  'ppp.ipcpTimeout': {
    phase: 'addresses',
    cause: 'The gateway accepted you but did not finish agreeing on an address.',
    fix: 'Its address pool may be empty or its DHCP server silent: tell the administrator, or try again later.',
    retry: 'redial',
  },
  'ppp.ipcpRefused': {
    phase: 'addresses',
    cause: 'The gateway does not carry IPv4 for this user.',
    fix: 'Ask the administrator to enable IPv4 for VPN users.',
    retry: 'user',
  },
  // ── The machine's network
  'helper.address': {
    phase: 'routes',
    cause: 'The address could not be set on the tunnel: {reason}.',
    fix: 'Another interface may hold it; disconnect other VPNs and connect again.',
    retry: 'redial',
  },
  'helper.route': {
    phase: 'routes',
    cause: 'A route could not be installed: {reason}.',
    fix: 'Correct network.routes in the profile; a default route to the internet must exist.',
    retry: 'redial',
  },
  'helper.firewall': {
    phase: 'routes',
    cause: 'The kill switch could not be installed: {reason}.',
    fix: 'Check that the kernel has nftables, or turn network.killSwitch off.',
    retry: 'user',
  },
  'helper.dns': {
    phase: 'dns',
    cause: 'The name servers could not be set: {reason}.',
    fix: 'Check /etc/resolv.conf and systemd-resolved, or set network.dns.use to "none".',
    retry: 'redial',
  },
  // ── After it was up
  'gateway.dead': {
    phase: 'online',
    cause: 'The gateway stopped answering ({how}).',
    fix: 'Check this network and the gateway. Culvert dials again by itself, unless the profile turns reconnect.enabled off.',
    retry: 'redial',
  },
  'gateway.hungUp': {
    phase: 'online',
    cause: 'The gateway ended the connection: {reason}.',
    fix: 'An administrator or a time limit may have ended it. Culvert dials again by itself, unless the profile turns reconnect.enabled off.',
    retry: 'redial',
  },
  'rekey.failed': {
    phase: 'online',
    cause: 'The keys could not be renewed in time: {reason}.',
    fix: 'If it repeats, compare the lifetimes in the profile with the gateway. Culvert dials again by itself, unless the profile turns reconnect.enabled off.',
    retry: 'redial',
  },
  'user.stopped': {
    phase: 'online',
    cause: 'The connection was ended on this computer.',
    fix: 'Connect again when you want to.',
    retry: 'user',
  },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof kinds;
export const failureKinds: Readonly<Record<FailureCode, FailureKind>> = kinds;

type Facts = Readonly<Record<string, string | number>>;

/** A failure as a value: it crosses processes, and is shown as it is. */
export interface Failure {
  readonly code: FailureCode;
  readonly phase: Phase;
  /** One sentence each. */
  readonly cause: string;
  readonly fix: string;
  readonly retry: 'redial' | 'user';
  readonly facts: Facts;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** Builds the failure; its phase may be a later one than the kind's, since a link can break after it was up. */
export function failure(code: FailureCode, facts: Facts = {}, phase: Phase = failureKinds[code].phase): Failure {
  const kind = failureKinds[code];
  const fill = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in facts ? String(facts[name]) : whole));
  return { code, phase, cause: fill(kind.cause), fix: fill(kind.fix), retry: kind.retry, facts };
}
