import { useState } from 'react';
import type { ImportingSlice } from '../../../main/contracts/app-state/profiles.ts';
import type { ImportPlan } from '../../../main/contracts/stored-profile.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { goTo } from '../../store/navigation.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { Failed } from '../../ui/failed/failed.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import { SecretField } from '../../ui/field/field.tsx';
import { FormDialog } from '../../ui/form-dialog/form-dialog.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import styles from './importing.module.css';
import { useDroppedProfiles } from './use-dropped-profiles.ts';

const text = strings.profiles.importing;

/** Whatever brings a profile here (a dialog, a drop, a double click, a link), this asks before it is taken. */
export function ImportDialog() {
  const importing = useSlice('importing');
  const isOver = useDroppedProfiles();
  return (
    <>
      {isOver && <div className={styles.drop}>{text.drop}</div>}
      {importing.at === 'failed' && <Refused importing={importing} />}
      {importing.at === 'asking' && <Question key={importing.id} importing={importing} />}
    </>
  );
}

/** @param id  nothing of a question that was refused: there is no other to be meant */
function drop(id?: number): void {
  void call('profiles.dropImport', id === undefined ? {} : { id });
}

function Refused({
  importing: { source, failure },
}: {
  readonly importing: Extract<ImportingSlice, { at: 'failed' }>;
}) {
  const close = (): void => {
    drop();
  };
  return (
    <Dialog title={text.failed(source)} onClose={close} actions={<Button onClick={close}>{strings.close}</Button>}>
      <Failed failure={failure} />
    </Dialog>
  );
}

function Question({
  importing: { id, source, plan },
}: {
  readonly importing: Extract<ImportingSlice, { at: 'asking' }>;
}) {
  const [passphrase, setPassphrase] = useState('');
  const [compared, setCompared] = useState(false);
  const { failure, isBusy, run } = useAction();
  const isSettled = useSettled();
  const isKeyNew = plan.managed?.isKeyKnown === false;
  const take = (): void => {
    const argument = { id, ...(passphrase !== '' && { passphrase }) };
    void run(call('profiles.takeImport', argument), () => {
      goTo('profiles');
    });
  };
  return (
    <FormDialog
      title={plan.action === 'add' ? text.add(plan.title) : text.replace(plan.title)}
      description={text.from(source)}
      action={plan.action === 'add' ? text.action : text.actionReplace}
      failure={failure}
      isBusy={isBusy}
      isReady={isSettled && (compared || !isKeyNew)}
      onSubmit={take}
      onClose={() => {
        drop(id);
      }}
    >
      <ul className={styles.effects} aria-label={text.effects}>
        {plan.effects.map((effect) => (
          <li key={effect.text} data-notable={effect.isNotable}>
            {effect.text}
          </li>
        ))}
      </ul>
      <Origin plan={plan} />
      {plan.secrets === 'clear' && <Notice kind="warning" title={text.clear} />}
      {plan.secrets === 'sealed' && (
        <SecretField
          label={text.passphrase}
          hint={text.sealed}
          maxLength={1024}
          value={passphrase}
          onChange={(event) => {
            setPassphrase(event.target.value);
          }}
        />
      )}
      {isKeyNew && (
        <label className={styles.compared}>
          <input
            type="checkbox"
            checked={compared}
            disabled={!isSettled}
            onChange={(event) => {
              setCompared(event.target.checked);
            }}
          />
          {text.compared}
        </label>
      )}
    </FormDialog>
  );
}

function Origin({ plan: { managed } }: { readonly plan: ImportPlan }) {
  if (managed === undefined) return <p className={styles.unsigned}>{text.unsigned}</p>;
  const { organisation, serial, fingerprint, isKeyKnown, notAfter, locked } = managed;
  return (
    <Facts
      rows={[
        [text.organisation, organisation],
        [text.version, serial],
        [text.fingerprint, isKeyKnown ? text.knownKey : <span className="mono">{fingerprint}</span>],
        [text.until, notAfter],
        [text.locks, locked === 'all' ? text.locksAll : locked.map(memberName).join(', ') || text.locksNothing],
      ]}
    />
  );
}

function memberName(path: string): string {
  return strings.profiles.members[path] ?? strings.profiles.sections[path] ?? path;
}
