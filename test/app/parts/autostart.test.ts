import { expect, test } from 'vitest';
import { autostartEntry } from '../../../main/app/login/autostart.ts';

test('the entry starts the app without a window', () => {
  expect(autostartEntry(['/opt/Culvert/culvert'])).toContain('\nExec="/opt/Culvert/culvert" "--background"\n');
});

test('a path with any character stays one argument', () => {
  expect(autostartEntry(['/a b/$c "d" `e` \\f %u'])).toContain(
    String.raw`Exec="/a b/\\$c \\"d\\" \\` + '`e' + String.raw`\\` + '` ' + String.raw`\\\\f %%u" `,
  );
});
