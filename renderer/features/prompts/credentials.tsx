import { useState } from 'react';
import type { Prompt } from '../../../main/contracts/prompt.ts';
import { strings } from '../../strings/index.ts';
import { SecretField, TextField } from '../../ui/field/field.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { Switch } from '../../ui/switch/switch.tsx';
import { PromptFrame } from './prompt-frame.tsx';
import styles from './prompts.module.css';
import type { PromptProps } from './prompt-props.ts';

const text = strings.prompts.credentials;

type CredentialsProps = PromptProps & { readonly prompt: Extract<Prompt, { kind: 'credentials' }> };

export function Credentials({ connection, until, prompt, answer, cancel }: CredentialsProps) {
  const [userName, setUserName] = useState(prompt.userName ?? '');
  const [password, setPassword] = useState('');
  const [preSharedKey, setPreSharedKey] = useState('');
  const [remember, setRemember] = useState(false);
  const asks = (what: (typeof prompt.wanted)[number]): boolean => prompt.wanted.includes(what);
  const ready =
    (!asks('userName') || userName !== '') &&
    (!asks('password') || password !== '') &&
    (!asks('preSharedKey') || preSharedKey !== '');
  return (
    <PromptFrame
      title={text.title(connection)}
      description={text.text}
      until={until}
      submit={text.submit}
      ready={ready}
      onSubmit={() => {
        answer({
          kind: 'credentials',
          ...(asks('userName') && { userName }),
          ...(asks('password') && { password }),
          ...(asks('preSharedKey') && { preSharedKey }),
          remember,
        });
      }}
      onCancel={cancel}
    >
      {prompt.rejected !== undefined && <Rejected words={prompt.rejected} />}
      {(asks('userName') || prompt.userName !== undefined) && (
        <TextField
          label={text.userName}
          value={userName}
          maxLength={255}
          readOnly={!asks('userName')}
          autoFocus={asks('userName') && userName === ''}
          onChange={(event) => {
            setUserName(event.target.value);
          }}
        />
      )}
      {asks('password') && (
        <SecretField
          label={text.password}
          value={password}
          maxLength={1024}
          autoFocus={!asks('userName') || userName !== ''}
          onChange={(event) => {
            setPassword(event.target.value);
          }}
        />
      )}
      {asks('preSharedKey') && (
        <SecretField
          label={text.preSharedKey}
          hint={text.preSharedKeyHint}
          value={preSharedKey}
          maxLength={1024}
          autoFocus={!asks('userName') && !asks('password')}
          onChange={(event) => {
            setPreSharedKey(event.target.value);
          }}
        />
      )}
      <Switch label={strings.prompts.remember} checked={remember} onChange={setRemember} />
    </PromptFrame>
  );
}

/** What the gateway said, as plain text. */
function Rejected({ words }: { readonly words: string }) {
  return (
    <div className={styles.rejected}>
      <Notice kind="bad" title={text.rejected}>
        {words}
      </Notice>
    </div>
  );
}
