import { useCallback, useState } from 'react';
import type { Failure, Result } from '../../main/contracts/failure.ts';

interface Action {
  readonly failure: Failure | undefined;
  readonly isBusy: boolean;
  /** @returns whether it went well */
  readonly run: <Value>(asked: Promise<Result<Value>>) => Promise<boolean>;
}

/** One thing at a time that may fail. */
export function useAction(): Action {
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(async <Value>(asked: Promise<Result<Value>>): Promise<boolean> => {
    setBusy(true);
    try {
      const result = await asked;
      setFailure(result.ok ? undefined : result.failure);
      return result.ok;
    } finally {
      setBusy(false);
    }
  }, []);
  return { failure, isBusy, run };
}
