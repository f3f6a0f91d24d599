import { expect, test } from 'vitest';
import { checkSubjects, hostCheck, type HostCheck } from '../../../main/contracts/host-guide.ts';
import { checkMachine, type MachineFacts } from '../../../main/host/guide/checks.ts';

const fine: MachineFacts = {
  ports: [500, 4500],
  holders: [],
  reachedBy: 'directly',
  address: '203.0.113.7',
  firewall: { manager: 'none', ports: 'accepted', forwarded: 'accepted' },
  tunnelName: 'culvert-host',
  forwarding: 'off',
  hasTunDevice: true,
};

function check(subject: HostCheck['subject'], facts: Partial<MachineFacts>): HostCheck {
  const found = checkMachine({ ...fine, ...facts }).find((each) => each.subject === subject);
  if (found === undefined) throw new Error(subject);
  return hostCheck.parse(found);
}

test('a machine that suits is good in every point, in the order of the contract', () => {
  const checks = checkMachine(fine);
  expect(checks.map(({ subject }) => subject)).toEqual(checkSubjects);
  expect(checks.filter(({ verdict }) => verdict !== 'good')).toEqual([]);
});

test('whoever has the ports is named, with how to stop it', () => {
  const pluto = { port: 500, uid: 0, program: { name: 'pluto', processId: 812 } };
  expect(check('ports', { holders: [pluto, { ...pluto, port: 4500 }] })).toEqual({
    subject: 'ports',
    verdict: 'bad',
    what: 'UDP 500 and 4500 is taken by Libreswan, pluto (process 812).',
    fix: 'Clients know no other port: stop the program that has it.',
    commands: ['sudo systemctl disable --now ipsec'],
  });
  expect(check('ports', { holders: [{ port: 4500, uid: 1003 }] }).what).toContain('user with the number 1003');
});

test("another host of Culvert's is told from other programs", () => {
  const helper = { port: 500, uid: 0, program: { name: 'culvert-helper', processId: 9 } };
  expect(check('ports', { holders: [helper] }).what).toContain('A host of Culvert runs on this machine already');
});

test('behind a router, the router has to forward; behind a shared address nobody can be reached', () => {
  const router = check('address', { reachedBy: 'router', address: '192.168.7.5' });
  expect(router).toMatchObject({
    verdict: 'doubt',
    fix: expect.stringContaining('forward UDP 500 and 4500') as string,
  });
  expect(check('address', { reachedBy: 'sharedAddress', address: '100.64.0.9' }).verdict).toBe('bad');
  expect(check('address', { reachedBy: 'nothing', address: undefined }).verdict).toBe('bad');
});

test.each([
  ['accepted', 'accepted', 'good'],
  ['perhaps', 'accepted', 'doubt'],
  ['accepted', 'dropped', 'bad'],
  ['dropped', 'accepted', 'bad'],
  ['unknown', 'unknown', 'doubt'],
] as const)('a firewall by which ports are %s and what is forwarded is %s is %s', (ports, forwarded, verdict) => {
  const { commands, ...judged } = check('firewall', { firewall: { manager: 'ufw', ports, forwarded } });
  expect(judged.verdict).toBe(verdict);
  if (verdict !== 'good') expect(commands).toContain('sudo ufw allow 500,4500/udp');
});

test('what this user may not see is said to be unknown, never to be fine', () => {
  const firewall = { manager: 'none', ports: 'unknown', forwarded: 'unknown' } as const;
  expect(check('firewall', { firewall }).verdict).toBe('unknown');
});

test('a container that cannot forward, or has no tunnel device, is told what it lacks', () => {
  expect(check('forwarding', { forwarding: 'fixedOff' })).toMatchObject({ verdict: 'bad' });
  expect(check('tunnelDevice', { hasTunDevice: false })).toMatchObject({ verdict: 'bad' });
});
