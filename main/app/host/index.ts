import { HostAdministration } from './administration.ts';
import { ClientDesk } from './client-desk.ts';
import { AuthorityDesk } from './identities/authority-desk.ts';
import { CodesDesk } from './identities/codes-desk.ts';
import { ReviewDesk } from './identities/review-desk.ts';
import { HostKeeper } from './keeper.ts';
export { OnFile } from './on-file.ts';

/** Host mode for the window: whether it is on, what an administrator does, and what clients are told. */
export interface HostDesk {
  readonly keeper: HostKeeper;
  readonly administration: HostAdministration;
  readonly clients: ClientDesk;
  readonly codes: CodesDesk;
  readonly authority: AuthorityDesk;
  readonly review: ReviewDesk;
}

export function createHostDesk(...parts: ConstructorParameters<typeof HostKeeper>): HostDesk {
  const keeper = new HostKeeper(...parts);
  const administration = new HostAdministration(keeper);
  return {
    keeper,
    administration,
    clients: new ClientDesk(administration),
    codes: new CodesDesk(administration),
    authority: new AuthorityDesk(keeper, administration),
    review: new ReviewDesk(administration),
  };
}
