import { join } from 'node:path';
import { settings, type Settings, standardSettings } from '../../contracts/app-state/settings.ts';
import { makePrivateFolder, writeDurably } from '../../files/durable.ts';
import { readJson } from '../../files/read-json.ts';

/** The user's settings on disk. A file that cannot be read counts as none: no setting is worth not starting for. */
export class SettingsStore {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'settings.json');
  }

  /** Members that are unknown or wrong are left out one by one, so that a newer version's file still counts. */
  read(): Settings {
    const stored = this.#stored();
    const members = Object.entries(settings.shape).flatMap(([name, schema]) => {
      const parsed = schema.safeParse(stored[name]);
      return parsed.success ? [[name, parsed.data]] : [];
    });
    return { ...standardSettings, ...(Object.fromEntries(members) as Partial<Settings>) };
  }

  /** @throws on system errors */
  write(value: Settings): void {
    makePrivateFolder(this.#folder);
    writeDurably(this.#file, `${JSON.stringify(value, undefined, 2)}\n`);
  }

  #stored(): Readonly<Record<string, unknown>> {
    const json = readJson(this.#file);
    return typeof json === 'object' && json !== null ? { ...json } : {};
  }
}
