import { useCallback, useEffect, useState } from 'react';
import type { ArgumentGiven, CallName, ValueTaken } from '../../../main/contracts/ipc/index.ts';
import type { Failure, Result } from '../../../main/contracts/failure.ts';
import { call } from '../../store/client.ts';
import { useSlice } from '../../store/state.ts';

interface HostValue<Value> {
  /** Undefined until it is there; then the newest that was there. */
  readonly value: Value | undefined;
  readonly failure: Failure | undefined;
  readonly reload: () => void;
}

type Argued<Name extends CallName> = ArgumentGiven<Name> extends undefined ? [] : [argument: ArgumentGiven<Name>];

/** What a call answers, read again whenever the host has changed. The argument is compared by its content. */
export function useHostValue<Name extends CallName>(name: Name, ...given: Argued<Name>): HostValue<ValueTaken<Name>> {
  const slice = useSlice('host');
  const moment = 'revision' in slice ? `${slice.at} ${slice.revision}` : slice.at;
  const argument = JSON.stringify(given);
  const [again, setAgain] = useState(0);
  const [result, setResult] = useState<Result<ValueTaken<Name>>>();
  const [value, setValue] = useState<ValueTaken<Name>>();
  useEffect(() => {
    let isCurrent = true;
    void call(name, ...(JSON.parse(argument) as Argued<Name>)).then((answered) => {
      if (!isCurrent) return;
      setResult(answered);
      if (answered.ok) setValue(() => answered.value);
    });
    return () => {
      isCurrent = false;
    };
  }, [name, argument, moment, again]);
  const reload = useCallback(() => {
    setAgain((before) => before + 1);
  }, []);
  return { value, failure: result?.ok === false ? result.failure : undefined, reload };
}
