import { useCallback, useEffect, useState } from 'react';
import type { ValueTaken } from '../../../../main/contracts/ipc/index.ts';
import { call } from '../../../store/client.ts';

export type SecretsState = ValueTaken<'profiles.secrets'>;

/** Where the profile's secrets are; undefined while that is being found out. */
export function useSecrets(id: string | undefined): {
  readonly state: SecretsState | undefined;
  readonly reload: () => void;
} {
  const [state, setState] = useState<SecretsState>();
  const [again, setAgain] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    void call('profiles.secrets', id === undefined ? {} : { id }).then((read) => {
      if (isCurrent && read.ok) setState(read.value);
    });
    return () => {
      isCurrent = false;
    };
  }, [id, again]);
  const reload = useCallback(() => {
    setAgain((before) => before + 1);
  }, []);
  return { state, reload };
}
