import { prompt as promptSchema, type Prompt, type PromptAnswer, promptSeconds } from '../contracts/prompt.ts';

/**
 * Asks the user. Resolves with an answer of the prompt's own kind; undefined where the user cancelled, nobody can be asked, or
 * `signal` was aborted because the time is up or the gateway went on without. Never rejects.
 */
export type Ask = (prompt: Prompt, signal: AbortSignal) => Promise<PromptAnswer | undefined>;

type AnswerTo<Kind extends Prompt['kind']> = Extract<PromptAnswer, { kind: Kind }>;

export type Reply<Answer> =
  | { readonly answered: true; readonly answer: Answer }
  /** `nobody`: there is nobody to ask. */
  | { readonly answered: false; readonly why: 'nobody' | 'cancelled' | 'timeUp' };

/** Asks the user on behalf of one connection. */
export class Prompter {
  readonly #ask: Ask | undefined;
  readonly #stopping: AbortSignal;
  readonly #onPrompting: (kind: Prompt['kind'] | undefined) => void;

  /** `onPrompting` hears what is being asked, and `undefined` when that is over. Nothing is asked once `stopping` is aborted. */
  constructor(
    ask: Ask | undefined,
    stopping: AbortSignal,
    onPrompting: (kind: Prompt['kind'] | undefined) => void = () => undefined,
  ) {
    this.#ask = ask;
    this.#stopping = stopping;
    this.#onPrompting = onPrompting;
  }

  /** Waits for the answer as long as prompts of that kind wait, or until `withdrawn`. Never rejects. */
  async put<Kind extends Prompt['kind']>(
    prompt: Extract<Prompt, { kind: Kind }>,
    withdrawn?: AbortSignal,
  ): Promise<Reply<AnswerTo<Kind>>> {
    // The contract also makes a gateway's words harmless, and refuses what nobody could be shown.
    const checked = promptSchema.safeParse(prompt);
    if (this.#ask === undefined || !checked.success) return { answered: false, why: 'nobody' };
    if (this.#stopping.aborted) return { answered: false, why: 'cancelled' };
    const timeUp = new AbortController();
    const timer = setTimeout(() => {
      timeUp.abort();
    }, promptSeconds[prompt.kind] * 1000);
    const signals = [timeUp.signal, this.#stopping, ...(withdrawn === undefined ? [] : [withdrawn])];
    this.#onPrompting(prompt.kind);
    try {
      const answer = await untilAborted(this.#ask, checked.data, AbortSignal.any(signals));
      if (isAnswerTo(prompt.kind, answer)) return { answered: true, answer };
      return { answered: false, why: timeUp.signal.aborted ? 'timeUp' : 'cancelled' };
    } finally {
      clearTimeout(timer);
      this.#onPrompting(undefined);
    }
  }
}

function isAnswerTo<Kind extends Prompt['kind']>(
  kind: Kind,
  answer: PromptAnswer | undefined,
): answer is AnswerTo<Kind> {
  return answer?.kind === kind;
}

/** Whoever shows the prompt may be slow to take it away: the connection does not wait for that. */
function untilAborted(ask: Ask, prompt: Prompt, signal: AbortSignal): Promise<PromptAnswer | undefined> {
  return new Promise((resolve) => {
    const give = (answer: PromptAnswer | undefined): void => {
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = (): void => {
      give(undefined);
    };
    signal.addEventListener('abort', giveUp);
    ask(prompt, signal).then(give, giveUp);
  });
}
