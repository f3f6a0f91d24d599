import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type CallName, calls, type Handlers } from '../../../main/contracts/ipc/index.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { CallRefused, dispatch } from '../../../main/app/window/dispatch.ts';
import { inRepository } from '../../support/repository.ts';

const names = Object.keys(calls) as CallName[];

/** Handlers that note what reaches them. */
function handlersNoting(reached: (name: string, argument: unknown) => void): Handlers {
  const entries = names.map((name) => [
    name,
    (argument: unknown) => {
      reached(name, argument);
      return { ok: true, value: undefined };
    },
  ]);
  return Object.fromEntries(entries) as Handlers;
}

test('whatever a hostile window sends, a handler gets only what its contract allows', async () => {
  const anyName = fc.oneof(
    fc.constantFrom(...names),
    fc.string(),
    fc.constantFrom('__proto__', 'toString'),
    fc.anything(),
  );
  await fc.assert(
    fc.asyncProperty(anyName, fc.anything({ withNullPrototype: true }), async (name, argument) => {
      const reached = vi.fn<(name: string, argument: unknown) => void>();
      const allowed = names.includes(name as CallName) && calls[name as CallName].argument.safeParse(argument).success;
      const answered = await dispatch(handlersNoting(reached), name, argument).catch((error: unknown) => error);
      expect(reached).toHaveBeenCalledTimes(allowed ? 1 : 0);
      if (!allowed) expect(answered).toBeInstanceOf(CallRefused);
    }),
  );
});

test('a refusal names the member and never its value', async () => {
  const argument = { id: 1, answer: { kind: 'challenge', response: 'hunter2'.repeat(200), extra: 'hunter3' } };
  const refused = dispatch(handlersNoting(vi.fn()), 'prompts.answer', argument);
  await expect(refused).rejects.toThrow(/^prompts\.answer: answer/);
  await expect(refused).rejects.not.toThrow(/hunter/);
});

test('a secret is a Secret from the moment its call was checked', async () => {
  const reached = vi.fn<(name: string, argument: unknown) => void>();
  const argument = { id: 1, answer: { kind: 'challenge', response: '123456' } };
  await dispatch(handlersNoting(reached), 'prompts.answer', argument);
  expect(reached.mock.calls[0]?.[1]).toEqual({
    id: 1,
    answer: { kind: 'challenge', response: expect.any(Secret) as unknown },
  });
});

/** Everything in a schema that could hold more than somebody thought of. */
function openEnds(schema: z.core.JSONSchema.JSONSchema | boolean, path: string): string[] {
  if (typeof schema === 'boolean') return schema ? [`${path}: anything`] : [];
  const { type, enum: fixed, const: exactly, properties = {}, additionalProperties, items } = schema;
  const below = [
    ...Object.entries(properties).flatMap(([name, member]) => openEnds(member, `${path}.${name}`)),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((each) => openEnds(each, path)),
  ];
  if (fixed !== undefined || exactly !== undefined) return [];
  if (type === 'object' && additionalProperties !== false) return [...below, `${path}: unknown members`];
  if (type === 'string' && schema.maxLength === undefined && schema.pattern === undefined)
    return [`${path}: a text without end`];
  if (type === 'array') {
    const unbounded = schema.maxItems === undefined ? [`${path}: a list without end`] : [];
    return [...unbounded, ...openEnds(items as z.core.JSONSchema.JSONSchema, `${path}[]`)];
  }
  return below;
}

/** Bounded as a whole, and judged by the profile's own contract where it is saved. */
const judgedLater = ['profiles.save.profile: unknown members'];

test.each(names)('%s takes no unknown member, and nothing without an end', (name) => {
  const { argument } = calls[name];
  if (argument instanceof z.ZodUndefined) return;
  const found = openEnds(z.toJSONSchema(argument, { io: 'input', unrepresentable: 'any' }), name);
  expect(found.filter((end) => !judgedLater.includes(end))).toEqual([]);
});

test('docs/attack-surface.md says of every call what a hostile window gains by it', () => {
  const text = readFileSync(inRepository('docs/attack-surface.md'), 'utf8');
  const [, section = ''] = text.split('\n## The window\n');
  const listed = [...section.matchAll(/^\| `([\w.]+)` +\|/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual([...names].sort());
});

test('what is small to send and large to write out is refused at once', async () => {
  let profile: unknown = ['x'];
  for (let times = 0; times < 40; times += 1) profile = [profile, profile];
  const call = dispatch(handlersNoting(vi.fn()), 'profiles.save', { profile: { profile }, secrets: {} });
  await expect(call).rejects.toThrow(/^profiles\.save: profile/);
});
