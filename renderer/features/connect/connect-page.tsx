import type { ConnectionTarget } from '../../../main/contracts/app-state/connection.ts';
import type { ProfileEntry } from '../../../main/contracts/app-state/profiles.ts';
import { trialId } from '../../../main/contracts/app-state/trial.ts';
import { call } from '../../store/client.ts';
import { goTo } from '../../store/navigation.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Picker } from '../../ui/menu/menu.tsx';
import { Empty, Page } from '../../ui/page/page.tsx';
import { TryIt } from '../trial/try-it.tsx';
import { BigButton } from './big-button.tsx';
import styles from './connect.module.css';
import { ConnectionDetails } from './details.tsx';
import { FailureCard } from './failure-card.tsx';
import { Interrupted } from './interrupted.tsx';
import { Phases } from './phases.tsx';
import { StatusLine } from './status-line.tsx';
import { Throughput } from './throughput.tsx';

const text = strings.connect;

export function ConnectPage() {
  const connection = useSlice('connection');
  const profile = useSelectedProfile();
  return (
    <Page title={text.title}>
      <Interrupted />
      {profile === undefined ? (
        <Empty
          title={text.none.title}
          actions={
            <>
              <Button
                kind="primary"
                onClick={() => {
                  goTo('profiles');
                }}
              >
                {text.none.add}
              </Button>
              <TryIt />
            </>
          }
        >
          {text.none.text}
        </Empty>
      ) : (
        <section className={styles.hero} aria-label={text.title}>
          <BigButton profile={profile} />
          <StatusLine profile={profile} />
          {profile.id === trialId ? <p className="muted">{text.trial.about}</p> : <ProfilePicker selected={profile} />}
        </section>
      )}
      {connection.at === 'failed' && <FailureCard connection={connection} />}
      {connection.at === 'connected' && <Throughput />}
      {connection.at === 'connected' && <ConnectionDetails connection={connection} />}
      {'phases' in connection && <Phases connection={connection} />}
    </Page>
  );
}

/** What is connected, or else what would be. */
function useSelectedProfile(): ProfileEntry | undefined {
  const { entries } = useSlice('profiles');
  const { selectedProfile } = useSlice('settings');
  const connection = useSlice('connection');
  const wanted = connection.at === 'idle' ? selectedProfile : connection.target.profile;
  if (connection.at !== 'idle' && wanted === trialId) return trialEntry(connection.target);
  return entries.find(({ id }) => id === wanted) ?? entries[0];
}

function trialEntry({ name, gateway }: ConnectionTarget): ProfileEntry {
  return { id: trialId, name, gateway, mode: 'split', killSwitch: false, security: 'modern' };
}

function ProfilePicker({ selected }: { readonly selected: ProfileEntry }) {
  const { entries } = useSlice('profiles');
  const connection = useSlice('connection');
  return (
    <Picker
      label={text.profile}
      value={selected.id}
      placeholder={text.pickProfile}
      options={entries.map(({ id, name, gateway }) => ({ value: id, label: name, detail: gateway }))}
      disabled={connection.at !== 'idle' && connection.at !== 'failed'}
      onPick={(id) => {
        void call('connection.dismiss');
        void call('settings.change', { selectedProfile: id });
      }}
    />
  );
}
