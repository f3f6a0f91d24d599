import type { HostSlice } from '../../../main/contracts/app-state/host.ts';
import type { Failure } from '../../../main/contracts/failure.ts';
import { useAction } from '../../store/action.ts';
import { call } from '../../store/client.ts';
import { useSlice } from '../../store/state.ts';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { Card } from '../../ui/card/card.tsx';
import { Notice } from '../../ui/notice/notice.tsx';
import { Page } from '../../ui/page/page.tsx';
import { Switch } from '../../ui/switch/switch.tsx';
import { Tabs } from '../../ui/tabs/tabs.tsx';
import { fixHere, serviceActionFor } from '../connect/failure-actions.ts';
import { AuditTab } from './audit/audit-tab.tsx';
import { CertificatesTab } from './certificates/certificates-tab.tsx';
import { ClientsTab } from './clients/clients-tab.tsx';
import { Failed } from '../../ui/failed/failed.tsx';
import { GroupsTab } from './groups/groups-tab.tsx';
import { GuidedSetup } from './guide/guided-setup.tsx';
import { Overview } from './overview/overview.tsx';
import { ReviewTab } from './review/review-tab.tsx';
import { UsersTab } from './users/users-tab.tsx';
import { VersionsTab } from './versions/versions-tab.tsx';

const text = strings.host;

export function HostPage() {
  const host = useSlice('host');
  if (host.at === 'absent') {
    return (
      <Page title={text.title}>
        <GuidedSetup />
      </Page>
    );
  }
  if (host.at === 'elsewhere') {
    return (
      <Page title={text.title}>
        <Elsewhere processId={host.processId} />
      </Page>
    );
  }
  const tabs = [
    ...(host.at === 'on'
      ? [{ id: 'overview', title: text.tabs.overview, content: <Overview status={host.status} /> }]
      : []),
    { id: 'users', title: text.tabs.users, content: <UsersTab /> },
    { id: 'groups', title: text.tabs.groups, content: <GroupsTab /> },
    { id: 'certificates', title: text.tabs.certificates, content: <CertificatesTab /> },
    { id: 'clients', title: text.tabs.clients, content: <ClientsTab /> },
    { id: 'review', title: text.tabs.review, content: <ReviewTab /> },
    { id: 'audit', title: text.tabs.audit, content: <AuditTab /> },
    { id: 'versions', title: text.tabs.versions, content: <VersionsTab /> },
  ];
  return (
    <Page title={text.title}>
      <Power host={host} />
      {/* What there is to see first depends on whether it is on. */}
      <Tabs key={host.at === 'on' ? 'on' : 'off'} label={text.tabs.label} tabs={tabs} />
    </Page>
  );
}

const powerHints: Readonly<Record<'off' | 'starting' | 'on' | 'stopping', string>> = {
  off: text.power.offHint,
  starting: text.power.starting,
  on: text.power.onHint,
  stopping: text.power.stopping,
};

function Power({ host }: { readonly host: Extract<HostSlice, { at: keyof typeof powerHints }> }) {
  const turn = (on: boolean): void => {
    void (on ? call('host.turnOn') : call('host.turnOff'));
  };
  return (
    <>
      <Card>
        <Switch
          label={text.power.label}
          hint={powerHints[host.at]}
          checked={host.at === 'on' || host.at === 'starting'}
          disabled={host.at === 'starting' || host.at === 'stopping'}
          onChange={turn}
        />
      </Card>
      {host.at === 'off' && host.failure !== undefined && <DidNotStart failure={host.failure} />}
    </>
  );
}

/** Why it is off, with the button that mends it where that is the service. */
function DidNotStart({ failure }: { readonly failure: Failure }) {
  const mending = useAction();
  const serviceAction = serviceActionFor(failure.code);
  const mend = (): void => {
    void mending.run(call('service.install'), () => {
      void call('host.turnOn');
    });
  };
  return (
    <>
      <Failed
        failure={{ ...failure, fix: fixHere(failure) }}
        title={text.power.didNotStart}
        actions={
          <>
            {serviceAction !== undefined && (
              <Button kind="primary" disabled={mending.isBusy} onClick={mend}>
                {strings.connect.failure[serviceAction]}
              </Button>
            )}
            <Button
              onClick={() => {
                void call('host.turnOn');
              }}
            >
              {text.power.retry}
            </Button>
          </>
        }
      />
      <Failed failure={mending.failure} />
    </>
  );
}

function Elsewhere({ processId }: { readonly processId: number }) {
  const again = (
    <Button
      onClick={() => {
        void call('host.turnOn');
      }}
    >
      {text.elsewhere.again}
    </Button>
  );
  return (
    <Notice kind="info" title={text.elsewhere.title(processId)} actions={again}>
      {text.elsewhere.text}
    </Notice>
  );
}
