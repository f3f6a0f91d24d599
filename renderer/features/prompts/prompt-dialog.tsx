import type { WaitingPrompt } from '../../../main/contracts/app-state/prompts.ts';
import { call } from '../../store/client.ts';
import { useSlice } from '../../store/state.ts';
import { Approval } from './approval.tsx';
import { CertificatePassphrase } from './certificate-passphrase.tsx';
import { Challenge } from './challenge.tsx';
import { Credentials } from './credentials.tsx';
import { GatewayIdentity } from './gateway-identity.tsx';
import { NewPassword } from './new-password.tsx';
import type { PromptProps } from './prompt-props.ts';

/** The oldest question that waits for the user, whatever page is shown. */
export function PromptDialog() {
  const [first] = useSlice('prompts');
  // A key for each: nothing that was typed for one question is left over for the next.
  return first === undefined ? null : <Question key={first.id} waiting={first} />;
}

function Question({ waiting }: { readonly waiting: WaitingPrompt }) {
  const { id, connection, until, prompt } = waiting;
  const common: PromptProps = {
    connection,
    until,
    answer: (answer) => {
      void call('prompts.answer', { id, answer });
    },
    cancel: () => {
      void call('prompts.cancel', { id });
    },
  };
  switch (prompt.kind) {
    case 'credentials':
      return <Credentials {...common} prompt={prompt} />;
    case 'newPassword':
      return <NewPassword {...common} prompt={prompt} />;
    case 'gatewayIdentity':
      return <GatewayIdentity {...common} prompt={prompt} />;
    case 'challenge':
      return <Challenge {...common} prompt={prompt} />;
    case 'approval':
      return <Approval {...common} prompt={prompt} />;
    case 'certificatePassphrase':
      return <CertificatePassphrase {...common} prompt={prompt} />;
  }
}
