/**
 * The host's local users: the encrypted store (`openUserStore`), the judgement of a sign-in (`judgeSignIn`), and the lock-out of
 * who guesses passwords (`createLockOut`).
 */
export { administerUsers, type UserAdministration, type UserChanged } from './administration.ts';
export { foldedName } from './folded-name.ts';
export { judgeHours } from './hours.ts';
export {
  barredBy,
  judgeSignIn,
  leastChosenCharacters,
  refusals,
  type Judgement,
  type KnownUser,
  type LocalRequest,
} from './judge.ts';
export type { KeySource } from '../../files/sealing-key.ts';
export { confirmed, driftSteps, newEnrolment, type Enrolment, type UsedCode } from './codes.ts';
export { createLockOut, type LockOut, type LockOutVerdict } from './lock-out.ts';
export {
  openUserStore,
  type Enrolled,
  type NewUser,
  type StoreFailure,
  type StoreResult,
  type UserChanges,
  type UserStore,
} from './store.ts';
