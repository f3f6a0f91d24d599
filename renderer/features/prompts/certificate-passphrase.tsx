import { useState } from 'react';
import type { Prompt } from '../../../main/contracts/prompt.ts';
import { strings } from '../../strings/index.ts';
import { SecretField } from '../../ui/field/field.tsx';
import { PromptFrame } from './prompt-frame.tsx';
import type { PromptProps } from './prompt-props.ts';

const text = strings.prompts.certificatePassphrase;

type CertificatePassphraseProps = PromptProps & { readonly prompt: Extract<Prompt, { kind: 'certificatePassphrase' }> };

export function CertificatePassphrase({ until, prompt, answer, cancel }: CertificatePassphraseProps) {
  const [passphrase, setPassphrase] = useState('');
  return (
    <PromptFrame
      title={text.title}
      description={text.text(prompt.file)}
      until={until}
      submit={text.submit}
      ready={passphrase !== ''}
      onSubmit={() => {
        answer({ kind: 'certificatePassphrase', passphrase });
      }}
      onCancel={cancel}
    >
      <SecretField
        label={text.passphrase}
        error={prompt.isAgain === true && passphrase === '' ? text.isAgain : undefined}
        value={passphrase}
        maxLength={1024}
        autoFocus
        onChange={(event) => {
          setPassphrase(event.target.value);
        }}
      />
    </PromptFrame>
  );
}
