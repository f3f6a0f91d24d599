import type { Result } from '../../contracts/failure.ts';
import type { Handlers } from '../../contracts/ipc/index.ts';
import type { profileCalls } from '../../contracts/ipc/profiles.ts';
import { saveWhereAsked } from '../files/dialogs.ts';
import type { Services } from '../services.ts';
import { done } from './done.ts';

export function profileHandlers({ profiles, imports }: Services): Handlers<keyof typeof profileCalls> {
  const { store, keeper } = profiles;
  return {
    'profiles.read': ({ id }) => profiles.read(id),
    'profiles.save': ({ existing, profile, secrets }) => profiles.save(existing, profile, secrets),
    'profiles.duplicate': async ({ id }) => idOf(await store.duplicate(id)),
    'profiles.remove': ({ id }) => profiles.remove(id),
    'profiles.reorder': ({ ids }) => store.reorder(ids),

    'profiles.secrets': async ({ id }) => {
      const keeping = await keeper.keeping();
      const kept = id === undefined ? {} : await keeper.whereabouts(id);
      return {
        ok: true,
        value: {
          keeping: { place: keeping.place, ...(keeping.place === 'session' && { why: keeping.why.cause }) },
          kept,
        },
      };
    },
    'profiles.forgetSecret': ({ id, name }) => keeper.forget(id, [name]),
    'profiles.unlock': ({ passphrase }) => keeper.unlock(passphrase),
    'profiles.choosePassphrase': ({ passphrase }) => keeper.choosePassphrase(passphrase),
    'profiles.discardSealed': () => {
      keeper.discardSealed();
      return done;
    },
    'profiles.lookForKeychain': async () => {
      await keeper.lookAgain();
      return done;
    },

    'profiles.export': async ({ id, passphrase }) => {
      const document = await profiles.document(id, passphrase);
      if (!document.ok) return document;
      const name = store.find(id)?.profile.name ?? 'profile';
      const filters = [{ name: 'Culvert', extensions: ['culvert', 'json'] }];
      const saved = await saveWhereAsked({ defaultPath: `${name}.culvert`, filters }, document.value);
      return saved.ok ? { ok: true, value: saved.value !== undefined } : saved;
    },
    'profiles.link': ({ id }) => profiles.link(id),

    'profiles.considerImport': ({ text, source }) => {
      imports.consider(text, source);
      return done;
    },
    'profiles.takeImport': ({ id, passphrase }) => imports.take(id, passphrase),
    'profiles.dropImport': ({ id }) => {
      imports.drop(id);
      return done;
    },
  };
}

function idOf(stored: Result<{ readonly id: string }>): Result<{ id: string }> {
  return stored.ok ? { ok: true, value: { id: stored.value.id } } : stored;
}
