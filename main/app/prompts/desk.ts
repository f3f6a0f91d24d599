import type { WaitingPrompt } from '../../contracts/app-state/prompts.ts';
import { type Prompt, type PromptAnswer, promptSeconds } from '../../contracts/prompt.ts';
import type { Ask } from '../../engine/prompter.ts';

interface Open {
  readonly shown: WaitingPrompt;
  readonly finish: (answer: PromptAnswer | undefined) => void;
}

/** Puts the engine's questions before the user. What is not answered in time is taken away. */
export class PromptDesk {
  readonly #open = new Map<number, Open>();
  readonly #onChange: (waiting: WaitingPrompt[]) => void;
  #count = 0;

  constructor(onChange: (waiting: WaitingPrompt[]) => void) {
    this.#onChange = onChange;
  }

  /** For one connection, which the prompts name. */
  askFor(connection: string): Ask {
    return (prompt, signal) => this.#ask(connection, prompt, signal);
  }

  /** An answer of another kind than the question's, or to a question that is over, is no answer. */
  answer(id: number, answer: PromptAnswer): void {
    const open = this.#open.get(id);
    if (open?.shown.prompt.kind === answer.kind) open.finish(answer);
  }

  cancel(id: number): void {
    this.#open.get(id)?.finish(undefined);
  }

  #ask(connection: string, prompt: Prompt, signal: AbortSignal): Promise<PromptAnswer | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    this.#count += 1;
    const id = this.#count;
    const waitMs = promptSeconds[prompt.kind] * 1000;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        finish(undefined);
      };
      const timer = setTimeout(giveUp, waitMs);
      const finish = (answer: PromptAnswer | undefined): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#open.delete(id);
        this.#tell();
        resolve(answer);
      };
      signal.addEventListener('abort', giveUp);
      this.#open.set(id, { shown: { id, connection, prompt, until: Date.now() + waitMs }, finish });
      this.#tell();
    });
  }

  #tell(): void {
    this.#onChange([...this.#open.values()].map(({ shown }) => shown));
  }
}
