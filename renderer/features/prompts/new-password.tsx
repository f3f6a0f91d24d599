import { useState } from 'react';
import type { Prompt } from '../../../main/contracts/prompt.ts';
import { strings } from '../../strings/index.ts';
import { SecretField } from '../../ui/field/field.tsx';
import { Switch } from '../../ui/switch/switch.tsx';
import { PromptFrame } from './prompt-frame.tsx';
import type { PromptProps } from './prompt-props.ts';

const text = strings.prompts.newPassword;

type NewPasswordProps = PromptProps & { readonly prompt: Extract<Prompt, { kind: 'newPassword' }> };

export function NewPassword({ until, prompt, answer, cancel }: NewPasswordProps) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [remember, setRemember] = useState(false);
  const differ = again !== '' && again !== password;
  return (
    <PromptFrame
      title={text.title}
      description={
        <>
          <p>{text.text(prompt.userName)}</p>
          {prompt.text !== '' && <p>{prompt.text}</p>}
        </>
      }
      until={until}
      submit={text.submit}
      ready={password !== '' && password === again}
      onSubmit={() => {
        answer({ kind: 'newPassword', password, remember });
      }}
      onCancel={cancel}
    >
      <SecretField
        label={text.password}
        value={password}
        maxLength={256}
        autoFocus
        onChange={(event) => {
          setPassword(event.target.value);
        }}
      />
      <SecretField
        label={text.again}
        value={again}
        maxLength={256}
        error={differ ? text.differ : undefined}
        onChange={(event) => {
          setAgain(event.target.value);
        }}
      />
      <Switch label={strings.prompts.remember} checked={remember} onChange={setRemember} />
    </PromptFrame>
  );
}
