import {
  checkHostConfig,
  editText,
  loadHostConfig,
  openVersions,
  type Edit,
  type Problem,
} from '../configuration/index.ts';
import { writeDurably } from '../../files/durable.ts';
import { surroundings } from '../service/index.ts';

export type ChangedFile =
  | { readonly ok: true; readonly warnings: readonly Problem[] }
  /** The file is as it was. */
  | { readonly ok: false; readonly errors: readonly Problem[] };

/** Changes members of a configuration whose host does not run; both texts are kept as versions. @throws on system errors */
export function changeFile(versionsFolder: string, file: string, edits: readonly Edit[]): ChangedFile {
  const around = surroundings(Date.now());
  const before = loadHostConfig(file, around);
  if (!before.ok) return { ok: false, errors: before.problems };
  const text = editText(before.text, edits);
  const checked = checkHostConfig(text, around);
  if (!checked.ok) return { ok: false, errors: checked.problems };
  const versions = openVersions(versionsFolder, checked.config.keepVersions);
  versions.save(before.text, Date.now());
  writeDurably(file, text);
  versions.save(text, Date.now());
  return { ok: true, warnings: checked.problems };
}
