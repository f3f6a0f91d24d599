import { useState } from 'react';
import type { Prompt } from '../../../main/contracts/prompt.ts';
import { strings } from '../../strings/index.ts';
import { SecretField, TextField } from '../../ui/field/field.tsx';
import { PromptFrame } from './prompt-frame.tsx';
import type { PromptProps } from './prompt-props.ts';

const text = strings.prompts.challenge;

type ChallengeProps = PromptProps & { readonly prompt: Extract<Prompt, { kind: 'challenge' }> };

/** A one-time code, or whatever the gateway's text asks for. */
export function Challenge({ connection, until, prompt, answer, cancel }: ChallengeProps) {
  const [response, setResponse] = useState('');
  const ChallengeField = prompt.masked ? SecretField : TextField;
  return (
    <PromptFrame
      title={text.title(connection)}
      description={prompt.text}
      until={until}
      submit={text.submit}
      ready={response !== ''}
      onSubmit={() => {
        answer({ kind: 'challenge', response });
      }}
      onCancel={cancel}
    >
      <ChallengeField
        label={text.code}
        value={response}
        maxLength={253}
        autoFocus
        autoComplete="one-time-code"
        onChange={(event) => {
          setResponse(event.target.value);
        }}
      />
    </PromptFrame>
  );
}
