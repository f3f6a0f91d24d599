import type { AccessReview } from '../../../contracts/access-review.ts';
import type { Result } from '../../../contracts/failure.ts';
import type { ArgumentTaken, ValueGiven } from '../../../contracts/ipc/index.ts';
import { csvOf, gatherReview, htmlOf } from '../../../host/review/index.ts';
import { saveWhereAsked } from '../../files/dialogs.ts';
import type { HostAdministration } from '../administration.ts';
import { guarded } from '../failures.ts';

const shownUsers = 1000;
const forms = { csv: csvOf, html: htmlOf } as const;

/** The access review, for the window and as a file. Never rejects. */
export class ReviewDesk {
  readonly #administration: HostAdministration;

  constructor(administration: HostAdministration) {
    this.#administration = administration;
  }

  async show(unusedAfterDays: number): Promise<Result<ValueGiven<'host.accessReview'>>> {
    const made = await this.#review(unusedAfterDays);
    if (!made.ok) return made;
    const { users } = made.value;
    return { ok: true, value: { review: { ...made.value, users: users.slice(0, shownUsers) }, users: users.length } };
  }

  async save({ format, unusedAfterDays }: ArgumentTaken<'host.saveAccessReview'>): Promise<Result<string | undefined>> {
    const made = await this.#review(unusedAfterDays);
    if (!made.ok) return made;
    const defaultPath = `access-review-${made.value.madeAt.slice(0, 10)}.${format}`;
    return saveWhereAsked({ defaultPath }, `${forms[format](made.value)}\n`);
  }

  #review(unusedAfterDays: number): Promise<Result<AccessReview>> {
    return guarded(async () => {
      const { configFile } = this.#administration;
      const config = this.#administration.config();
      if (!config.ok) return config;
      const users = await this.#administration.users();
      if (!users.ok) return users;
      const order = { config: config.value, configFile, localUsers: users.value, unusedAfterDays };
      return { ok: true, value: await gatherReview(order) };
    });
  }
}
