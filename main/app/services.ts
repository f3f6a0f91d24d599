import type { CertificateDesk } from './certificates/desk.ts';
import type { ConnectionManager } from './connections/manager.ts';
import type { HostDesk } from './host/index.ts';
import type { LogBook } from './log/book.ts';
import type { ProfileDesk } from './profiles/desk.ts';
import type { ImportDesk } from './profiles/import-desk.ts';
import type { PromptDesk } from './prompts/desk.ts';
import type { ReportDesk } from './report/desk.ts';
import type { ServiceDesk } from './service/desk.ts';
import type { SettingsDesk } from './settings/desk.ts';
import type { State } from './state/state.ts';

/** What the handlers of the window's calls work with; `compose.ts` makes it. */
export interface Services {
  readonly state: State;
  readonly settings: SettingsDesk;
  readonly service: ServiceDesk;
  readonly profiles: ProfileDesk;
  readonly imports: ImportDesk;
  readonly certificates: CertificateDesk;
  readonly connections: ConnectionManager;
  readonly prompts: PromptDesk;
  readonly host: HostDesk;
  readonly log: LogBook;
  readonly report: ReportDesk;
}
