import type { HostCheck, ReachedBy } from '../../contracts/host-guide.ts';
import type { FirewallFacts, FirewallManager } from './firewall/read.ts';
import type { PortHolder } from './machine/udp-ports.ts';

/** What the checks judge. */
export interface MachineFacts {
  readonly ports: readonly number[];
  readonly holders: readonly PortHolder[];
  readonly reachedBy: ReachedBy;
  readonly address: string | undefined;
  readonly firewall: FirewallFacts;
  readonly tunnelName: string;
  /** Forwarding of IPv4: on, off, or off and nobody may change it (as in a container). */
  readonly forwarding: 'on' | 'off' | 'fixedOff';
  readonly hasTunDevice: boolean;
}

/** Judges what a host needs of its machine, in the order of `checkSubjects`. */
export function checkMachine(facts: MachineFacts): readonly HostCheck[] {
  return [
    checkPorts(facts),
    checkAddress(facts),
    checkFirewall(facts),
    checkForwarding(facts),
    checkTunnelDevice(facts),
  ];
}

const good = (subject: HostCheck['subject'], what: string): HostCheck => ({
  subject,
  verdict: 'good',
  what,
  commands: [],
});

/** What has IKE's ports on many machines, by the name of the process, and how it gives them up. */
const knownHolders: Readonly<Record<string, { readonly what: string; readonly commands: readonly string[] }>> = {
  charon: { what: 'strongSwan', commands: ['sudo systemctl disable --now strongswan-starter'] },
  'charon-systemd': { what: 'strongSwan', commands: ['sudo systemctl disable --now strongswan'] },
  pluto: { what: 'Libreswan', commands: ['sudo systemctl disable --now ipsec'] },
  racoon: { what: 'racoon', commands: ['sudo systemctl disable --now racoon'] },
  iked: { what: 'iked', commands: ['sudo systemctl disable --now iked'] },
  vpnserver: { what: 'SoftEther VPN Server', commands: ['sudo systemctl disable --now softether-vpnserver'] },
};

function checkPorts({ ports, holders }: MachineFacts): HostCheck {
  const [holder] = holders;
  if (holder === undefined) return good('ports', `UDP ports ${ports.join(' and ')} are free.`);
  const taken = holders.map(({ port }) => port).join(' and ');
  const name = holder.program?.name;
  const known = name === undefined ? undefined : knownHolders[name];
  const bad = { subject: 'ports', verdict: 'bad' } as const;
  if (name === 'culvert-helper') {
    const what = `A host of Culvert runs on this machine already, and has UDP ${taken}.`;
    return { ...bad, what, fix: 'Use that one, or end it first ("culvert host status" shows it).', commands: [] };
  }
  const who =
    holder.program === undefined ? `a program of the user with the number ${holder.uid}` : programText(holder.program);
  return {
    ...bad,
    what: `UDP ${taken} is taken by ${known === undefined ? who : `${known.what}, ${who}`}.`,
    fix: 'Clients know no other port: stop the program that has it.',
    commands: [...(known?.commands ?? [])],
  };
}

function programText({ name, processId }: NonNullable<PortHolder['program']>): string {
  return `${name} (process ${processId})`;
}

function checkAddress({ reachedBy, address = 'none', ports }: MachineFacts): HostCheck {
  switch (reachedBy) {
    case 'directly':
      return good('address', `${address} is a public address: clients reach this machine by it.`);
    case 'router':
      return {
        subject: 'address',
        verdict: 'doubt',
        what: `${address} is no public address, so that clients come in by the router's.`,
        fix: `Have the router forward UDP ${ports.join(' and ')} to ${address}, and always give this machine that address.`,
        commands: [],
      };
    case 'sharedAddress':
      return {
        subject: 'address',
        verdict: 'bad',
        what: `${address} is one of those that a provider gives out where many customers share a public address: nobody can reach it.`,
        fix: 'Ask the provider for a public IPv4 address.',
        commands: [],
      };
    case 'nothing':
      return {
        subject: 'address',
        verdict: 'bad',
        what: 'This machine has no IPv4 address that leads anywhere.',
        fix: 'Connect it to the network.',
        commands: [],
      };
  }
}

function openingCommands(manager: FirewallManager, ports: readonly number[], tunnel: string): string[] {
  switch (manager) {
    case 'ufw':
      return [
        `sudo ufw allow ${ports.join(',')}/udp`,
        `sudo ufw route allow in on ${tunnel}`,
        `sudo ufw route allow out on ${tunnel}`,
      ];
    case 'firewalld':
      return [
        ...ports.map((port) => `sudo firewall-cmd --permanent --add-port=${port}/udp`),
        `sudo firewall-cmd --permanent --zone=trusted --add-interface=${tunnel}`,
        'sudo firewall-cmd --reload',
      ];
    case 'none':
      return [];
  }
}

function checkFirewall({ firewall, ports, tunnelName }: MachineFacts): HostCheck {
  const { manager, ports: incoming, forwarded } = firewall;
  const wanted = `UDP ${ports.join(' and ')}, and what is forwarded from and to ${tunnelName}`;
  const commands = openingCommands(manager, ports, tunnelName);
  const fix = `Have the firewall let in ${wanted}.`;
  const managed = manager === 'none' ? 'The firewall' : `The firewall (${manager})`;
  const about = { subject: 'firewall', fix, commands } as const;
  if (incoming === 'unknown' || forwarded === 'unknown') {
    if (manager === 'none') {
      return { ...about, verdict: 'unknown', what: 'Only an administrator can see whether a firewall is in the way.' };
    }
    return { ...about, verdict: 'doubt', what: `${managed} is on; what it lets in, only an administrator can see.` };
  }
  if (incoming === 'dropped') {
    return {
      ...about,
      verdict: 'bad',
      what: `${managed} of this machine drops what clients send to UDP ${ports.join(' and ')}.`,
    };
  }
  if (forwarded === 'dropped') {
    const what = `${managed} of this machine drops what is forwarded: clients would reach this machine alone.`;
    return { ...about, verdict: 'bad', what };
  }
  if (incoming === 'perhaps' || forwarded === 'perhaps') {
    return { ...about, verdict: 'doubt', what: `${managed} of this machine may drop what clients send.` };
  }
  return good('firewall', 'No firewall of this machine is in the way.');
}

function checkForwarding({ forwarding }: MachineFacts): HostCheck {
  switch (forwarding) {
    case 'on':
      return good('forwarding', 'This machine forwards packets already.');
    case 'off':
      return good(
        'forwarding',
        'Forwarding is switched on while the host runs, for its clients alone, and off again after it.',
      );
    case 'fixedOff':
      return {
        subject: 'forwarding',
        verdict: 'bad',
        what: 'This machine forwards no packets, and the setting cannot be changed from in here.',
        fix: 'Outside, give the container --sysctl net.ipv4.ip_forward=1.',
        commands: [],
      };
  }
}

function checkTunnelDevice({ hasTunDevice }: MachineFacts): HostCheck {
  if (hasTunDevice) return good('tunnelDevice', 'Tunnel devices can be made.');
  return {
    subject: 'tunnelDevice',
    verdict: 'bad',
    what: 'There is no /dev/net/tun.',
    fix: 'Load the kernel module tun; in a container, give it the device /dev/net/tun.',
    commands: ['sudo modprobe tun'],
  };
}
