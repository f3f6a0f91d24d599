import type { Failure, FailureCode } from '../../../main/contracts/failure.ts';
import { strings } from '../../strings/index.ts';

/** What the window can do about a failure by itself. */
export type FailureAction =
  | 'retry'
  | 'retype'
  | 'pin'
  | 'allowOlder'
  | 'editProfile'
  | 'openCertificates'
  | 'installService'
  | 'upgradeService'
  | 'joinGroup'
  | 'runElevated';

const retype: readonly FailureAction[] = ['retype', 'editProfile'];
const inProfile: readonly FailureAction[] = ['editProfile', 'retry'];
const inCertificates: readonly FailureAction[] = ['openCertificates', 'editProfile', 'retry'];
const authority: readonly FailureAction[] = ['openCertificates', 'retry'];
const elevation: readonly FailureAction[] = ['installService', 'runElevated', 'retry'];

/** Beside copying the report and reading the log, which always help; the first is the main one. What is not here is tried again. */
const actions: Partial<Record<FailureCode, readonly FailureAction[]>> = {
  'helper.notRunning': elevation,
  'helper.serviceBroken': elevation,
  'helper.notAllowed': ['joinGroup', 'runElevated', 'retry'],
  'helper.serviceStart': ['runElevated', 'retry'],
  'helper.serviceBusy': ['runElevated', 'retry'],
  'helper.version': ['upgradeService', 'retry'],
  'elevation.refused': elevation,
  'elevation.unavailable': ['retry'],

  'auth.rejected': retype,
  'ike.wrongPreSharedKey': retype,
  'ike.authenticationTimeout': retype,
  // Connecting asks whether that is the gateway one means, and keeps a yes in the profile.
  'ike.identityMismatch': ['pin', 'editProfile'],
  'ike.noCommonProposal': ['allowOlder', 'editProfile', 'retry'],
  'esp.noCommonProposal': ['allowOlder', 'editProfile', 'retry'],

  'ownCertificate.notStored': inCertificates,
  'ownCertificate.expired': inCertificates,
  'ownCertificate.notYetValid': inCertificates,
  'ownCertificate.unreadable': inProfile,
  'ownCertificate.exposed': inProfile,
  'ownCertificate.invalid': inProfile,
  'ownCertificate.passphrase': inProfile,
  'certificate.unusable': inProfile,
  'certificate.unknownAuthority': authority,
  'certificate.wrongName': inProfile,
  'trust.none': authority,
  'trust.unreadable': inProfile,

  'gateway.nameNotFound': ['retry', 'editProfile'],
  'gateway.lookupFailed': ['retry'],
  'gateway.unreachable': ['retry', 'editProfile'],
  'gateway.portClosed': ['retry', 'editProfile'],
  'ike.phase1Timeout': ['retry', 'editProfile'],
  'l2tp.tunnelAuthentication': inProfile,
  'auth.noCommonMethod': inProfile,
  'auth.gatewayCertificate': inProfile,
  'helper.route': inProfile,
  'helper.firewall': inProfile,
  'helper.dns': inProfile,
  // Nothing that the user does here mends these; they may still try.
  'auth.serverNotAuthentic': [],
};

const services: readonly FailureAction[] = ['installService', 'upgradeService', 'joinGroup'];

/** What makes the service serve this user, where that is what is missing. */
export function serviceActionFor(code: FailureCode): FailureAction | undefined {
  return actionsFor(code).find((action) => services.includes(action));
}

/** What to do, in a window with `actionsFor` beside it. */
export function fixHere({ code, fix }: Failure): string {
  return strings.connect.failure.fixes[code] ?? fix;
}

export function actionsFor(code: FailureCode): readonly FailureAction[] {
  return actions[code] ?? ['retry'];
}
