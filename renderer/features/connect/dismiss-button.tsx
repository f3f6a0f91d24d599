import { call } from '../../store/client.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';

/** Takes away what is told of a connection that is over. */
export function DismissButton() {
  return (
    <Button
      kind="quiet"
      onClick={() => {
        void call('connection.dismiss');
      }}
    >
      {strings.connect.dismiss}
    </Button>
  );
}
