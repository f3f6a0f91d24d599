import { useState } from 'react';
import type { Result } from '../../main/contracts/failure.ts';
import { useAction } from './action.ts';

/** An action that saves files, and where the last one is. */
export function useSaving() {
  const action = useAction();
  const [path, setPath] = useState<string>();
  /** `asked`: resolves with where it is; with nothing where the user cancelled. */
  const save = (asked: Promise<Result<string | undefined>>): void => {
    void action.run(asked, setPath);
  };
  return { ...action, path, save };
}
