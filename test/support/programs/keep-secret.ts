import { Secret } from '../../../main/contracts/secret.ts';
import { openKeychain } from '../../../main/profiles/kept-secrets/keychain.ts';
import { SecretKeeper } from '../../../main/profiles/kept-secrets/keeper.ts';

/** Run beside a keyring: keeps a secret, or says what is kept. FILE keep|show|forget */
const [file = '', command] = process.argv.slice(2);
const keeper = new SecretKeeper(file, () => openKeychain(undefined, 10_000));
if (command === 'keep') await keeper.set('office', 'password', new Secret('hunter2'));
if (command === 'forget') await keeper.forget('office');
const kept = await keeper.get('office', 'password');
console.log(
  JSON.stringify({
    keeping: await keeper.keeping(),
    whereabouts: await keeper.whereabouts('office'),
    password: kept.ok ? kept.value?.expose() : kept.failure.code,
  }),
);
