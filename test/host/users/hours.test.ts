import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { AllowedHours } from '../../../main/contracts/host-user.ts';
import { judgeHours } from '../../../main/host/users/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const workdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const;

function berlin(...windows: AllowedHours['windows']): AllowedHours {
  return { timeZone: 'Europe/Berlin', windows };
}

function verdict(hours: AllowedHours, at: string): string {
  const judged = judgeHours(hours, Date.parse(at));
  if (!judged.allowed) return 'closed';
  return judged.untilMs === undefined ? 'always' : new Date(judged.untilMs).toISOString().slice(0, 16);
}

describe('allowed hours', () => {
  const office = berlin({ days: [...workdays], from: '08:00', to: '18:00' });
  const night = berlin({ days: ['sunday'], from: '22:00', to: '06:00' });
  const whole = berlin({ days: [...workdays, 'saturday', 'sunday'], from: '00:00', to: '24:00' });
  const joined = berlin(
    { days: ['monday'], from: '08:00', to: '12:00' },
    { days: ['monday'], from: '12:00', to: '14:00' },
  );

  test.each<[string, AllowedHours, string, string]>([
    ['open with the first minute', office, '2026-11-23T07:00:00Z', '2026-11-23T17:00'],
    ['are closed before it', office, '2026-11-23T06:59:59Z', 'closed'],
    ['are closed with the end', office, '2026-11-23T17:00:00Z', 'closed'],
    [
      'are of the place, not of the host: in summer an hour earlier',
      office,
      '2026-07-06T06:00:00Z',
      '2026-07-06T16:00',
    ],
    ['are closed on other days', office, '2026-11-22T12:00:00Z', 'closed'],
    ['may go over midnight', night, '2026-11-22T23:30:00Z', '2026-11-23T05:00'],
    ['over midnight end in the morning', night, '2026-11-23T05:00:00Z', 'closed'],
    ['that follow on each other are one', joined, '2026-11-23T08:00:00Z', '2026-11-23T13:00'],
    ['that never end have no end', whole, '2026-11-23T08:00:00Z', 'always'],
    // On 29 March 2026 the clock goes from 02:00 to 03:00, on 25 October from 03:00 to 02:00.
    [
      'end with their clock, when it is put forward',
      berlin({ days: ['sunday'], from: '00:00', to: '02:30' }),
      '2026-03-28T23:30:00Z',
      '2026-03-29T01:00',
    ],
    [
      'end with their clock, when it is put back',
      berlin({ days: ['sunday'], from: '00:00', to: '04:00' }),
      '2026-10-24T22:30:00Z',
      '2026-10-25T03:00',
    ],
  ])('%s', (_, hours, at, expected) => {
    expect(verdict(hours, at)).toBe(expected);
  });

  test('are open until the end they name, and closed at it', () => {
    const timeOfDay = fc
      .tuple(fc.nat(23), fc.nat(59))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const window = fc.record({
      days: fc.subarray([...workdays, 'saturday', 'sunday'] as const, { minLength: 1 }),
      from: timeOfDay,
      to: timeOfDay,
    });
    const hours = fc.record({
      timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC'),
      windows: fc.array(window, { minLength: 1, maxLength: 3 }),
    });
    const atMs = fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2027-12-31T00:00:00Z') });
    fc.assert(
      fc.property(hours, atMs, (allowed, nowMs) => {
        const judged = judgeHours(allowed, nowMs);
        if (!judged.allowed || judged.untilMs === undefined) return;
        expect(judged.untilMs).toBeGreaterThan(nowMs);
        expect(judgeHours(allowed, judged.untilMs - 1).allowed).toBe(true);
        expect(judgeHours(allowed, judged.untilMs).allowed).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
