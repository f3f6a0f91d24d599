import {
  hostControl,
  type HostAnswer,
  type HostRequest,
  type HostSession,
  type HostStatus,
} from '../../contracts/host-control.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import { askControl } from '../../engine/control-socket.ts';
import { hostFolders } from '../../engine/folders.ts';
import { Complaint, userComplaint } from '../../host/words/complaint.ts';

type AnswerKind = HostAnswer['answer'];
type AnswerOf<Kind extends AnswerKind> = Extract<HostAnswer, { answer: Kind }>;

/** Asks the running host. @throws Complaint where there is none, or where it answers what is not among `expected` */
export async function askHost<Kind extends AnswerKind>(
  request: HostRequest,
  ...expected: readonly Kind[]
): Promise<AnswerOf<Kind>> {
  const asked = await askControl(hostFolders().controlSocket, hostControl, request);
  if (!asked.reached) throw new Complaint(`host.${asked.why === 'distrusted' ? 'notAllowed' : asked.why}`);
  const { answer } = asked;
  if (isOneOf(answer, expected)) return answer;
  if (answer.answer === 'userRefused') throw userComplaint(answer.refusal, subjectOf(request));
  throw new Complaint('host.refused', { reason: answer.answer === 'refused' ? answer.reason : answer.answer });
}

function isOneOf<Kind extends AnswerKind>(answer: HostAnswer, kinds: readonly Kind[]): answer is AnswerOf<Kind> {
  return kinds.some((kind) => kind === answer.answer);
}

function subjectOf(request: HostRequest): string {
  if (request.request === 'addUser') return request.user.name;
  return 'name' in request ? request.name : '';
}

/** The running host's status; `undefined` where none runs. @throws Complaint where one runs and cannot be asked */
export async function runningHost(): Promise<HostStatus | undefined> {
  try {
    return (await askHost({ request: 'status' }, 'status')).status;
  } catch (error) {
    if (error instanceof Complaint && error.code === 'host.notRunning') return undefined;
    throw error;
  }
}

/** All sessions of the running host, or all of one user, page by page. */
export async function hostSessions(user?: string): Promise<readonly HostSession[]> {
  const sessions: HostSession[] = [];
  for (let after: number | undefined; ;) {
    const page: AnswerOf<'sessions'> = await askHost(
      { request: 'sessions', limit: 200, ...(after !== undefined && { after }), ...(user !== undefined && { user }) },
      'sessions',
    );
    sessions.push(...page.sessions);
    if (page.next === undefined) return sessions;
    after = page.next;
  }
}

/** All local users of the running host, page by page. */
export async function hostUsers(): Promise<readonly HostUser[]> {
  const users: HostUser[] = [];
  for (let after: string | undefined; ;) {
    const page: AnswerOf<'users'> = await askHost(
      { request: 'users', limit: 100, ...(after !== undefined && { after }) },
      'users',
    );
    users.push(...page.users);
    if (page.next === undefined) return users;
    after = page.next;
  }
}
