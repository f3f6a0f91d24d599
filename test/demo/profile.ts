import { preSharedKey, userName } from '../support/peers/credentials.ts';
import { officeRoute } from '../support/peers/office.ts';

/** What the demo's user was given by their IT. */
export const profile = (gateway: string): object => ({
  version: 1,
  name: 'demo',
  gateway,
  user: userName,
  ipsec: { preSharedKey },
  network: { mode: 'split', routes: [officeRoute, '192.168.30.0/24'] },
});
