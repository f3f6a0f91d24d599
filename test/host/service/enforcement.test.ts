import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BranchNetworks } from '../../../main/host/service/enforcement/branch-networks.ts';
import { SessionGroups } from '../../../main/host/service/enforcement/session-groups.ts';

const rights = { isolated: true, networks: [], isRouted: false };

describe('groups of the plan', () => {
  test('equal rights are one group, which the plan has once', () => {
    const groups = new SessionGroups();
    const first = groups.join(1, rights);
    expect(first?.isNew).toBe(true);
    expect(groups.join(2, { ...rights })).toEqual({ group: first?.group, isNew: false });
    expect(groups.plan).toEqual([{ group: first?.group, isolated: true, incoming: false }]);
  });

  test('a reach becomes rules, and an empty one stays nothing', () => {
    const groups = new SessionGroups();
    groups.join(1, { ...rights, reach: [{ network: '10.0.0.0/8', protocol: 'tcp', ports: ['443', '8000-8100'] }] });
    groups.join(2, { ...rights, reach: [] });
    expect(groups.plan.map(({ reach }) => reach)).toEqual([
      [
        {
          network: '10.0.0.0/8',
          protocol: 'tcp',
          ports: [
            { first: 443, last: 443 },
            { first: 8000, last: 8100 },
          ],
        },
      ],
      [],
    ]);
  });

  test.each([
    ['a client behind the host’s address', rights, false],
    ['one that may be reached by others', { ...rights, isolated: false }, true],
    ['one with an address of the office', { ...rights, isRouted: true }, true],
    ['a branch office', { ...rights, networks: ['10.5.0.0/16'] }, true],
  ])('who lets connections in: %s', (_, membership, incoming) => {
    const groups = new SessionGroups();
    groups.join(1, membership);
    expect(groups.plan[0]?.incoming).toBe(incoming);
  });

  test('a group stays while somebody is in it', () => {
    const groups = new SessionGroups();
    groups.join(1, rights);
    groups.join(2, { ...rights, isolated: false });
    groups.leave(2);
    groups.prune();
    expect(groups.plan).toHaveLength(1);
    expect(groups.join(3, rights)?.isNew).toBe(false);
  });
});

describe('networks of branches', () => {
  const networks = ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'];
  const change = fc.record({
    session: fc.integer({ min: 1, max: 4 }),
    wants: fc.option(fc.subarray(networks), { nil: undefined }),
  });

  test('each is of who came last for it and is still there; who gained or lost is told', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const branches = new BranchNetworks();
        /** The slow way: who wants it, in order. */
        const queues = new Map(networks.map((network) => [network, [] as number[]]));
        for (const { session, wants } of changes) {
          const before = new Map([1, 2, 3, 4].map((each) => [each, [...branches.of(each)].sort().join()]));
          const told = wants === undefined ? branches.leave(session) : branches.join(session, wants);
          for (const [network, queue] of queues) {
            const at = queue.indexOf(session);
            const isWanted = wants?.includes(network) === true;
            if (at >= 0 && !isWanted) queue.splice(at, 1);
            if (at < 0 && isWanted) queue.push(session);
          }
          for (const each of [1, 2, 3, 4]) {
            const expected = networks.filter((network) => queues.get(network)?.at(-1) === each);
            expect([...branches.of(each)].sort()).toEqual(expected);
            if (each !== session) expect(told.includes(each)).toBe(expected.join() !== before.get(each));
          }
        }
      }),
    );
  });
});
