import type { Handlers } from '../../contracts/ipc/index.ts';
import type { hostAuthorityCalls } from '../../contracts/ipc/host-authority.ts';
import type { Services } from '../services.ts';

export function hostAuthorityHandlers({ host }: Services): Handlers<keyof typeof hostAuthorityCalls> {
  const { authority } = host;
  return {
    'host.authority': () => authority.show(),
    'host.createAuthority': (wanted) => authority.create(wanted),
    'host.importAuthority': ({ passphrase }) => authority.import(passphrase),
    'host.issueServer': ({ names }) => authority.issueServer(names),
    'host.issueClient': (wanted) => authority.issueClient(wanted),
    'host.revokeCertificate': ({ serial }) => authority.revoke(serial),
    'host.renewRevocationList': () => authority.renewList(),
    'host.saveAuthorityFile': ({ what }) => authority.save(what),
  };
}
