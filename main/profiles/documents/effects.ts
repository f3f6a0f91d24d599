import type { Profile } from '../../contracts/profile.ts';
import type { ProfileEffect } from '../../contracts/stored-profile.ts';

/** What a profile does to the computer that connects with it, for whoever is about to import it. */
type Teller = (profile: Profile) => string | undefined;

const mostNamed = 5;

const plain: readonly Teller[] = [
  ({ gateway }) => `Connects to ${gateway}.`,
  ({ user }) => user && `Signs in as ${visible(user)}.`,
  ({ network }) =>
    network.mode === 'split' ? `Sends only this through the tunnel: ${few(network.routes)}.` : undefined,
  ({ network: { dns } }) =>
    dns.use === 'gateway' && dns.domains.length > 0
      ? `Asks the gateway's name servers about ${few(dns.domains)}.`
      : undefined,
];

const notable: readonly Teller[] = [
  ({ ipsec, ppp }) => {
    const shown = [ipsec.certificate, ppp.eapTls?.certificate].flatMap((each) =>
      each !== undefined && 'stored' in each ? [visible(each.stored)] : [],
    );
    return shown.length === 0 ? undefined : `Shows the gateway your certificate ${[...new Set(shown)].join(' and ')}.`;
  },
  ({ network }) =>
    network.mode === 'full' ? 'Sends everything through the tunnel: the gateway sees where you go.' : undefined,
  ({ network }) => (network.killSwitch ? 'Blocks everything beside the tunnel while it is dialled or up.' : undefined),
  ({ network: { branch } }) =>
    branch.length > 0 ? `Lets those behind the gateway reach networks of yours: ${few(branch)}.` : undefined,
  ({ network: { dns, mode } }) => {
    if (dns.use === 'profile') return `Asks these name servers: ${few(dns.servers)}.`;
    return dns.use === 'gateway' && dns.domains.length === 0 && mode === 'split'
      ? "Asks the gateway's name servers about every name, also of what does not go through the tunnel."
      : undefined;
  },
  ({ ppp }) =>
    ppp.authentication.includes('pap') ? 'Shows the gateway your password (PAP), if it asks for that.' : undefined,
  ({ ipsec }) =>
    ipsec.security === 'legacy'
      ? 'Accepts encryption that is broken (3DES, MODP 1024), if the gateway has no better.'
      : undefined,
];

export function effectsOf(profile: Profile): ProfileEffect[] {
  const told = (tellers: readonly Teller[], isNotable: boolean): ProfileEffect[] =>
    tellers.flatMap((tell) => {
      const text = tell(profile);
      return text === undefined || text === '' ? [] : [{ text, isNotable }];
    });
  return [...told(plain, false), ...told(notable, true)];
}

function few(entries: readonly string[]): string {
  const more = entries.length - mostNamed;
  return `${entries.slice(0, mostNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Nothing that turns the line around, or is not seen. */
function visible(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\ufffd');
}
