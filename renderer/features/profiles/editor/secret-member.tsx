import type { SecretName } from '../../../../main/contracts/profile-document.ts';
import { useAction } from '../../../store/action.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { SecretField } from '../../../ui/field/field.tsx';
import styles from '../profiles.module.css';
import type { SecretsState } from './use-secrets.ts';

const text = strings.profiles.secrets;

interface SecretMemberProps {
  readonly id: string | undefined;
  readonly name: SecretName;
  readonly state: SecretsState | undefined;
  readonly typed: string;
  readonly onChange: (typed: string) => void;
  readonly onForgotten: () => void;
}

/** Goes in and never comes out: what is kept is replaced or forgotten, not shown. */
export function SecretMember({ id, name, state, typed, onChange, onForgotten }: SecretMemberProps) {
  const { failure, isBusy, run } = useAction();
  const kept = state?.kept[name];
  return (
    <div className={styles.secret}>
      <SecretField
        label={text.names[name]}
        hint={kept === undefined ? text.hints[name] : text.kept[kept]}
        autoComplete="new-password"
        maxLength={1024}
        value={typed}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
      {kept !== undefined && id !== undefined && (
        <Button
          kind="quiet"
          disabled={isBusy}
          onClick={() => {
            void run(call('profiles.forgetSecret', { id, name })).then(onForgotten);
          }}
        >
          {text.forget(text.names[name])}
        </Button>
      )}
      <Failed failure={failure} />
    </div>
  );
}
