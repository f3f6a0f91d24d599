import type { Result } from '../../contracts/failure.ts';
import type { HelperServiceState } from '../../contracts/helper-service.ts';
import { installService, serviceState, uninstallService } from '../../elevation/index.ts';
import { done } from '../handlers/done.ts';

/** The helper's service, as the window sees and changes it. */
export class ServiceDesk {
  readonly #log: (text: string) => void;

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

  async #change(what: string, change: () => Promise<Result<unknown>>): Promise<Result<undefined>> {
    const changed = await change();
    this.#log(changed.ok ? `the helper's service is ${what}` : changed.failure.cause);
    return changed.ok ? done : changed;
  }
}
