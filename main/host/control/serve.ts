import type { Server } from 'node:net';
import {
  hostControl,
  type HostAnswer,
  type HostRequest,
  type RequestedUserChanges,
} from '../../contracts/host-control.ts';
import { serveControl } from '../../engine/control-socket.ts';
import { newEnrolment, type Enrolled, type StoreResult, type UserChanges } from '../users/index.ts';
import type { HostControls, Reloaded } from './controls.ts';
import type { HostUser } from '../../contracts/host-user.ts';

/** The most of a list that has no pages: what is wrong in a file of 8 MiB can be much. */
const listedAtMost = 1000;

/** Rejects where the socket cannot be made, or another host has it. */
export function serveHostControl(path: string, controls: HostControls): Promise<Server> {
  return serveControl(path, hostControl, (request) => answerHostRequest(controls, request));
}

export async function answerHostRequest(controls: HostControls, request: HostRequest): Promise<HostAnswer> {
  const { users } = controls;
  switch (request.request) {
    case 'status':
      return { answer: 'status', status: controls.status() };
    case 'sessions':
      return sessionsPage(controls, request);
    case 'failures':
      return { answer: 'failures', failures: controls.failures().slice(0, 200) };
    case 'disconnect':
      return { answer: 'disconnected', sessions: await controls.disconnect(request.who) };
    case 'reload':
      return reloadedAnswer(await controls.reload());
    case 'versions':
      return { answer: 'versions', versions: controls.versions().slice(-listedAtMost) };
    case 'restore': {
      const restored = await controls.restore(request.version);
      return restored === undefined ? { answer: 'versionUnknown' } : reloadedAnswer(restored);
    }
    case 'users':
      return usersPage(await users.list(), request);
    case 'addUser':
      return userAnswer(await users.add(request.user, request.password));
    case 'changeUser':
      return userAnswer(await users.change(request.name, storeChanges(request.changes)));
    case 'setPassword':
      return userAnswer(await users.setPassword(request.name, request.password));
    case 'removeUser':
      return userAnswer(await users.remove(request.name));
    case 'enrolUser':
      return enrolledAnswer(
        await users.enrol(request.name, newEnrolment(request.name, controls.codesIssuer, Date.now())),
      );
    case 'removeUserCodes':
      return userAnswer(await users.removeCodes(request.name));
    case 'renewRecovery':
      return enrolledAnswer(await users.renewRecovery(request.name));
  }
}

function sessionsPage(
  controls: HostControls,
  { user, after = 0, limit }: Extract<HostRequest, { request: 'sessions' }>,
): HostAnswer {
  const rest = controls.sessions().filter((one) => one.session > after && (user === undefined || one.user === user));
  const sessions = rest.slice(0, limit);
  const last = sessions.at(-1);
  return { answer: 'sessions', sessions, ...(last !== undefined && rest.length > limit && { next: last.session }) };
}

function usersPage(
  listed: StoreResult<readonly HostUser[]>,
  { after, limit }: Extract<HostRequest, { request: 'users' }>,
): HostAnswer {
  if (!listed.ok) return userRefused(listed);
  const all = listed.value;
  // Somebody who was removed between two pages is no place to go on from: from the start then, rather than not at all.
  const start = after === undefined ? 0 : all.findIndex(({ name }) => name === after) + 1;
  const users = all.slice(start, start + limit);
  const last = users.at(-1);
  return { answer: 'users', users, ...(last !== undefined && start + limit < all.length && { next: last.name }) };
}

function reloadedAnswer(reloaded: Reloaded): HostAnswer {
  if (!reloaded.ok) return { answer: 'configurationRefused', errors: reloaded.errors.slice(0, listedAtMost) };
  return {
    answer: 'reloaded',
    members: reloaded.members.slice(0, 10 * listedAtMost),
    sessionsEnded: reloaded.sessionsEnded,
    warnings: reloaded.warnings.slice(0, listedAtMost),
  };
}

function userAnswer(edited: StoreResult<HostUser>): HostAnswer {
  return edited.ok ? { answer: 'user', user: edited.value } : userRefused(edited);
}

function enrolledAnswer(enrolled: StoreResult<Enrolled>): HostAnswer {
  if (!enrolled.ok) return userRefused(enrolled);
  const { user, uri, recovery } = enrolled.value;
  return { answer: 'enrolled', user, recovery: [...recovery], ...(uri !== undefined && { uri }) };
}

function userRefused({ failure }: Extract<StoreResult<unknown>, { ok: false }>): HostAnswer {
  const problems = failure.reason === 'invalid' ? [...failure.problems] : [];
  return { answer: 'userRefused', refusal: { reason: failure.reason, problems } };
}

/** JSON has no undefined: null stands for it on the socket. */
export function storeChanges(changes: RequestedUserChanges): UserChanges {
  return Object.fromEntries(Object.entries(changes).map(([member, value]) => [member, value ?? undefined]));
}
