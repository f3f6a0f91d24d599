import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import {
  brokerRequest,
  datapathCommand,
  datapathEvent,
  datapathRequest,
  helperReply,
} from '../../main/contracts/helper.ts';
import { helperService } from '../../main/contracts/helper-service.ts';

interface Example {
  readonly channel: 'broker' | 'datapath' | 'service';
  readonly direction: 'request' | 'command' | 'reply' | 'event';
  readonly message: unknown;
  /** Why it must be refused. */
  readonly invalid?: string;
}

const schemas: Readonly<Record<string, z.ZodType>> = {
  'broker request': brokerRequest,
  'broker reply': helperReply,
  'datapath request': datapathRequest,
  'datapath command': datapathCommand,
  'datapath reply': helperReply,
  'datapath event': datapathEvent,
  'service request': helperService.request,
  'service reply': helperService.answer,
};

const examples = JSON.parse(
  readFileSync(new URL('../vectors/helper-messages.json', import.meta.url), 'utf8'),
) as Example[];

/** The C++ side reads the same examples: test/helper/contract and test/helper/datapath. */
test.each(examples.map((example, index) => ({ index, ...example })))(
  'message $index, a $channel $direction, is read as the native helper reads it',
  ({ channel, direction, message, invalid }) => {
    const parsed = schemas[`${channel} ${direction}`]?.safeParse(message);
    expect(parsed?.success).toBe(invalid === undefined);
    if (parsed?.success === true) expect(parsed.data).toEqual(message);
  },
);

test('every kind of message has an example', () => {
  const shown = new Set(examples.map(({ message }) => (message as { kind: string }).kind));
  const kinds = [brokerRequest, datapathRequest, datapathCommand, helperReply, datapathEvent].flatMap(({ options }) =>
    options.map((option) => option.shape.kind.value),
  );
  expect(kinds.filter((kind) => !shown.has(kind))).toEqual([]);
});
