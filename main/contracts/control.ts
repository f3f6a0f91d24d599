import { z } from 'zod';

/**
 * A control socket: one request and one answer, a line of JSON each, then it hangs up. What both ends of one agree on; the ends
 * themselves are in `main/engine/control-socket.ts`.
 */
export interface ControlContract<Request, Answer> {
  readonly request: z.ZodType<Request>;
  readonly answer: z.ZodType<Answer>;
  readonly longestRequestBytes: number;
  readonly longestAnswerBytes: number;
}

/** What is answered to a line that is no request; part of every answer's schema. */
export const refused = z.strictObject({ answer: z.literal('refused'), reason: z.string() });
export type Refused = z.infer<typeof refused>;
