import { useAction } from '../../../../store/action.ts';
import { call } from '../../../../store/client.ts';
import { strings } from '../../../../strings/index.ts';
import { Failed } from '../../../../ui/failed/failed.tsx';
import { Switch } from '../../../../ui/switch/switch.tsx';
import { useHostValue } from '../../use-host-value.ts';

const text = strings.host.users;

/** Whether the host asks for the code, or takes it behind the password alone. */
export function AskForCodes() {
  const { value, reload } = useHostValue('host.codesAsked');
  const { failure, isBusy, run } = useAction();
  if (value === undefined) return undefined;
  return (
    <>
      <Switch
        label={text.askForCodes}
        hint={text.askForCodesHint}
        checked={value.asked}
        disabled={isBusy}
        onChange={(asked) => {
          void run(call('host.askForCodes', { asked })).then(reload);
        }}
      />
      <Failed failure={failure} />
    </>
  );
}
