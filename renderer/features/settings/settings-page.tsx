import { useState } from 'react';
import type { SettingsChange } from '../../../main/contracts/app-state/settings.ts';
import type { Failure } from '../../../main/contracts/failure.ts';
import { call } from '../../store/client.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Card } from '../../ui/card/card.tsx';
import { Choice } from '../../ui/choice/choice.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { Page } from '../../ui/page/page.tsx';
import { Switch } from '../../ui/switch/switch.tsx';
import { ReportButton } from '../report/report-button.tsx';
import { TryIt } from '../trial/try-it.tsx';
import { ServiceCard } from './service/service-card.tsx';
import styles from './settings.module.css';

const text = strings.settings;
const themes = (['system', 'light', 'dark'] as const).map((value) => ({ value, label: text.themes[value] }));

export function SettingsPage() {
  const settings = useSlice('settings');
  const { version, update } = useSlice('program');
  const [failed, setFailed] = useState<Failure>();
  const change = (members: SettingsChange): void => {
    void call('settings.change', members).then((result) => {
      setFailed(result.ok ? undefined : result.failure);
    });
  };
  return (
    <Page title={text.title}>
      {failed !== undefined && (
        <Notice kind="bad" title={text.failed}>
          {failed.cause} {failed.fix}
        </Notice>
      )}
      <Card title={text.appearance}>
        <Choice
          label={text.theme}
          value={settings.theme}
          options={themes}
          onChange={(theme) => {
            change({ theme });
          }}
        />
      </Card>
      <Card title={text.behaviour}>
        <Switch
          label={text.startAtLogin}
          hint={text.startAtLoginHint}
          checked={settings.startAtLogin}
          onChange={(startAtLogin) => {
            change({ startAtLogin });
          }}
        />
        <Switch
          label={text.notifications}
          hint={text.notificationsHint}
          checked={settings.notifications}
          onChange={(notifications) => {
            change({ notifications });
          }}
        />
        <Switch
          label={text.updates}
          hint={text.updatesHint}
          checked={settings.checkForUpdates}
          onChange={(checkForUpdates) => {
            change({ checkForUpdates });
          }}
        />
      </Card>
      <ServiceCard />
      <Card title={text.about} aside={<ReportButton />}>
        <Facts
          rows={[
            [text.version, version],
            [text.newer, update?.installsOnQuit === true ? text.installsOnQuit(update.version) : update?.version],
          ]}
        />
        <div className={styles.try}>
          <p className="muted">{text.tryIt}</p>
          <TryIt />
        </div>
      </Card>
    </Page>
  );
}
