import { useCallback, useState } from 'react';
import type { Failure, Result } from '../../main/contracts/failure.ts';

interface Action {
  readonly failure: Failure | undefined;
  readonly isBusy: boolean;
  /** `onDone`: told what came of it, where it went well. */
  readonly run: <Value>(asked: Promise<Result<Value>>, onDone?: (value: Value) => void) => Promise<void>;
}

/** One thing at a time that may fail. */
export function useAction(): Action {
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(async <Value>(asked: Promise<Result<Value>>, onDone?: (value: Value) => void) => {
    setBusy(true);
    try {
      const result = await asked;
      setFailure(result.ok ? undefined : result.failure);
      if (result.ok) onDone?.(result.value);
    } finally {
      setBusy(false);
    }
  }, []);
  return { failure, isBusy, run };
}
