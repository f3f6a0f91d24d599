import type { Result } from '../../contracts/failure.ts';

export const done: Result<undefined> = { ok: true, value: undefined };
