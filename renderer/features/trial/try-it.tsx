import { trialId } from '../../../main/contracts/app-state/trial.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { goTo } from '../../store/navigation.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Failed } from '../../ui/failed/failed.tsx';

/** Connects to a gateway on this computer, for whoever has none at hand. Where there are namespaces, which is on Linux. */
export function TryIt() {
  const { platform } = useSlice('program');
  const { failure, isBusy, run } = useAction();
  if (platform !== 'linux') return null;
  return (
    <>
      <Button
        disabled={isBusy}
        onClick={() => {
          void run(call('connection.connect', { profile: trialId }), () => {
            goTo('connect');
          });
        }}
      >
        {strings.connect.trial.begin}
      </Button>
      <Failed failure={failure} />
    </>
  );
}
