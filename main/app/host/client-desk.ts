import type { Result } from '../../contracts/failure.ts';
import type { ArgumentTaken, ValueGiven } from '../../contracts/ipc/index.ts';
import {
  clientFacts,
  clientInstructions,
  files,
  qrRows,
  settingsText,
  type ClientFacts,
} from '../../host/clients/index.ts';
import { reachedAt } from '../../host/guide/index.ts';
import { outboundAddress } from '../../host/service/index.ts';
import { saveWhereAsked } from '../files/dialogs.ts';
import type { HostAdministration } from './administration.ts';

/** What the window tells clients' owners to do, and the files for them. */
export class ClientDesk {
  readonly #administration: HostAdministration;

  constructor(administration: HostAdministration) {
    this.#administration = administration;
  }

  async instructions({
    platform,
    user,
    withKey,
  }: ArgumentTaken<'host.clients'>): Promise<Result<ValueGiven<'host.clients'>>> {
    const facts = await this.#facts(user, withKey);
    if (!facts.ok) return facts;
    return {
      ok: true,
      value: {
        instructions: clientInstructions(platform, facts.value),
        code: withKey ? qrRows(settingsText(facts.value)) : [],
        server: facts.value.server,
      },
    };
  }

  /** @returns where it is; undefined where the user cancelled */
  async save({ kind, user }: ArgumentTaken<'host.saveClientFile'>): Promise<Result<string | undefined>> {
    const facts = await this.#facts(user, true);
    if (!facts.ok) return facts;
    const { name, content } = files[kind];
    return saveWhereAsked({ defaultPath: name(facts.value) }, content(facts.value));
  }

  async #facts(name: string | undefined, withKey: boolean): Promise<Result<ClientFacts>> {
    const config = this.#administration.config();
    if (!config.ok) return config;
    const users = name === undefined ? undefined : await this.#administration.users();
    if (users?.ok === false) return users;
    const user = users?.value.find((each) => each.name === name);
    const address = await outboundAddress();
    const facts = await clientFacts(config.value, this.#administration.configFile, {
      ...(user !== undefined && { user }),
      server: address ?? '',
      withKey,
      isBehindRouter: reachedAt(address) !== 'directly',
    });
    return { ok: true, value: facts };
  }
}
