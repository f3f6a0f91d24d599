import type { Handlers } from '../../contracts/ipc/index.ts';
import type { hostCodeCalls } from '../../contracts/ipc/host-codes.ts';
import type { Services } from '../services.ts';

export function hostCodeHandlers({ host }: Services): Handlers<keyof typeof hostCodeCalls> {
  const { administration, codes } = host;
  return {
    'host.beginEnrolment': ({ name }) => codes.begin(name),
    'host.confirmEnrolment': (typed) => codes.confirm(typed),
    'host.codesAsked': () => codes.asked(),
    'host.askForCodes': ({ asked }) => codes.ask(asked),
    'host.removeCodes': ({ name }) => administration.changeUsers(name, (users) => users.removeCodes(name)),
    'host.renewRecovery': ({ name }) => codes.renewRecovery(name),
    'host.saveRecoveryCodes': (shown) => codes.save(shown),
  };
}
