import type { Result } from '../../contracts/failure.ts';
import type { HelperServiceState } from '../../contracts/helper-service.ts';
import { installService, serviceState, uninstallService } from '../../elevation/index.ts';
import { done } from '../handlers/done.ts';

/** The helper's service, as the window sees and changes it: one password at a time, whoever asks how often. */
export class ServiceDesk {
  readonly #log: (text: string) => void;
  #changing: Promise<Result<undefined>> | undefined;

  constructor(log: (text: string) => void) {
    this.#log = log;
  }

  state(): Promise<HelperServiceState> {
    return serviceState();
  }

  install(): Promise<Result<undefined>> {
    return this.#change('installed', installService);
  }

  uninstall(): Promise<Result<undefined>> {
    return this.#change('removed', uninstallService);
  }

  /** While a password is asked for, whatever else is asked for has the same end. */
  #change(what: string, change: () => Promise<Result<unknown>>): Promise<Result<undefined>> {
    this.#changing ??= change()
      .then((changed) => {
        this.#log(changed.ok ? `the helper's service is ${what}` : changed.failure.cause);
        return changed.ok ? done : changed;
      })
      .finally(() => {
        this.#changing = undefined;
      });
    return this.#changing;
  }
}
