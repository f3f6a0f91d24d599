import { z } from 'zod';
import { auditEvent } from '../audit.ts';
import { clientFileKinds, clientInstructions, clientPlatform } from '../host-clients.ts';
import { hostSession, requestedUserChanges, sessionChoice, signInFailure, trafficSample } from '../host-control.ts';
import { entryName, userName, secretText } from '../host-forms.ts';
import { hostGroup } from '../host-group.ts';
import { hostChoices, hostProposal } from '../host-guide.ts';
import { hostPassword, hostUser } from '../host-user.ts';
import { call, nothing } from './call.ts';

const password = secretText(hostPassword);
const auditKind = z.enum(auditEvent.options.map(({ shape }) => shape.kind.value));
const forClient = { user: userName.exactOptional(), withKey: z.boolean() };

/** The user's own host. All but what concerns sessions works while it does not run, too, on its files. */
export const hostCalls = {
  /** Looks at the machine, and suggests a first host. */
  'host.propose': call(nothing, hostProposal),
  /** Makes a first host, and turns it on. */
  'host.setUp': call(hostChoices, nothing),
  /** Answers when it is on, or why it is not. */
  'host.turnOn': call(nothing, nothing),
  /** Answers at once; the slice shows when it is over. */
  'host.turnOff': call(nothing, nothing),

  'host.sessions': call(nothing, z.array(hostSession).max(1000)),
  /** How many were ended. */
  'host.disconnect': call(sessionChoice, z.int()),
  'host.traffic': call(nothing, z.strictObject({ hour: z.array(trafficSample), day: z.array(trafficSample) })),
  /** Who did not get in lately, the latest first, with what it means. */
  'host.failures': call(
    nothing,
    z.array(z.strictObject({ failure: signInFailure, what: z.string(), fix: z.string() })).max(20),
  ),

  'host.users': call(nothing, z.array(hostUser).max(10_000)),
  'host.addUser': call(z.strictObject({ user: hostUser, password }), nothing),
  'host.changeUser': call(z.strictObject({ name: userName, changes: requestedUserChanges }), nothing),
  'host.setPassword': call(z.strictObject({ name: userName, password }), nothing),
  'host.removeUser': call(z.strictObject({ name: userName }), nothing),

  /** In the order of the configuration, where the earlier one decides. */
  'host.groups': call(
    nothing,
    z.strictObject({
      groups: z.array(z.strictObject({ name: entryName, group: hostGroup })),
      pools: z.array(entryName),
      defaultGroup: entryName.nullable(),
    }),
  ),
  /** Members that are absent go back to their defaults. */
  'host.saveGroup': call(z.strictObject({ name: entryName, group: hostGroup }), nothing),
  'host.removeGroup': call(z.strictObject({ name: entryName }), nothing),

  /** Records with their words, oldest first. `before`: the page before that record. */
  'host.audit': call(
    z.strictObject({
      kind: auditKind.exactOptional(),
      text: z.string().min(1).max(100).exactOptional(),
      before: z.int().min(1).exactOptional(),
      last: z.int().min(1).max(500),
    }),
    z.array(z.strictObject({ sequence: z.int(), at: z.iso.datetime(), kind: auditKind, text: z.string() })),
  ),

  /** The newest first. `changes`: the members in which it differs from the one before; absent where one of them has errors by now. */
  'host.versions': call(
    nothing,
    z.array(
      z.strictObject({
        number: z.int().min(1),
        savedAt: z.iso.datetime(),
        changes: z.array(z.string()).exactOptional(),
        isPresent: z.boolean(),
      }),
    ),
  ),
  'host.restore': call(z.strictObject({ version: z.int().min(1) }), nothing),

  /** What to do on a client. `code`: the rows of a QR code, a digit for each module, 1 where it is dark. */
  'host.clients': call(
    z.strictObject({ platform: clientPlatform, ...forClient }),
    z.strictObject({ instructions: clientInstructions, code: z.array(z.string()).max(177), server: z.string() }),
  ),
  /** Asks where to, and writes it there. Undefined where the user cancelled. */
  'host.saveClientFile': call(
    z.strictObject({ kind: z.enum(clientFileKinds), user: userName.exactOptional() }),
    z.string().optional(),
  ),
} as const;
