import type { ArgumentGiven } from '../../../main/contracts/ipc/index.ts';

export interface PromptProps {
  /** The name of the connection that asks. */
  readonly connection: string;
  /** When the question is taken away. Milliseconds since 1970. */
  readonly until: number;
  readonly answer: (answer: ArgumentGiven<'prompts.answer'>['answer']) => void;
  readonly cancel: () => void;
}
