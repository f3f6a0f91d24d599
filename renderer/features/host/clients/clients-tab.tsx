import { useState } from 'react';
import { clientPlatforms, type ClientPlatform } from '../../../../main/contracts/client-platforms.ts';
import type { ClientFileKind } from '../../../../main/contracts/host-clients.ts';
import { call } from '../../../store/client.ts';
import { useSaving } from '../../../store/saving.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { SelectField } from '../../../ui/field/field.tsx';
import { Notice } from '../../../ui/notice/notice.tsx';
import { Saved } from '../../../ui/saved/saved.tsx';
import { Switch } from '../../../ui/switch/switch.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import styles from '../host.module.css';
import { useHostValue } from '../use-host-value.ts';
import { QrCode } from '../qr-code.tsx';
import { Steps } from './steps.tsx';

const text = strings.host.clients;
const platformOptions = (Object.keys(clientPlatforms) as ClientPlatform[]).map((value) => ({
  value,
  label: clientPlatforms[value],
}));
const everybody = '';

/** Exactly what to do on a client, the files that do it, and a code for telephones. The key is shown on demand. */
export function ClientsTab() {
  const [platform, setPlatform] = useState<ClientPlatform>('windows');
  const [user, setUser] = useState(everybody);
  const [withKey, setWithKey] = useState(false);
  const { value: users } = useHostValue('host.users');
  const forUser = user === everybody ? {} : { user };
  const { value, failure } = useHostValue('host.clients', { platform, withKey, ...forUser });
  // The files are offered whether the key is shown or not.
  const { value: whole } = useHostValue('host.clients', { platform, withKey: true, ...forUser });
  return (
    <>
      <Card title={text.title}>
        <div className={styles.pair}>
          <SelectField label={text.platform} value={platform} options={platformOptions} onChange={setPlatform} />
          <SelectField
            label={text.user}
            value={user}
            options={[
              { value: everybody, label: text.everybody },
              ...(users?.map(({ name }) => ({ value: name, label: name })) ?? []),
            ]}
            onChange={setUser}
          />
        </div>
        <Switch label={text.key} hint={text.keyHint} checked={withKey} onChange={setWithKey} />
        <Failed failure={failure} />
        {value?.server === '' && <Notice kind="warning" title={text.server} />}
        {value !== undefined && <Steps steps={value.instructions.steps} />}
      </Card>
      {whole !== undefined && whole.instructions.files.length > 0 && (
        <Files files={whole.instructions.files} user={user === everybody ? undefined : user} />
      )}
      {withKey && platform === 'ios' && value !== undefined && value.code.length > 0 && (
        <Card title={text.code}>
          <p className="muted">{text.codeHint}</p>
          <QrCode rows={value.code} label={text.codeLabel} />
        </Card>
      )}
    </>
  );
}

interface FilesProps {
  readonly files: readonly { readonly kind: ClientFileKind; readonly name: string; readonly what: string }[];
  readonly user: string | undefined;
}

function Files({ files, user }: FilesProps) {
  const { failure, isBusy, path, save } = useSaving();
  return (
    <Card title={text.files}>
      <p className="muted">{text.filesHint}</p>
      <Failed failure={failure} />
      <ul className={styles.files}>
        {files.map(({ kind, name, what }) => (
          <li key={kind}>
            <span>
              <span className="mono">{name}</span>
              <span className="muted">{what}</span>
            </span>
            <Button
              disabled={isBusy}
              aria-label={`${text.save} ${name}`}
              onClick={() => {
                save(call('host.saveClientFile', { kind, ...(user !== undefined && { user }) }));
              }}
            >
              {text.save}
            </Button>
          </li>
        ))}
      </ul>
      <Saved path={path} />
    </Card>
  );
}
