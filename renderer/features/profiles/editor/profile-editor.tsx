import { type SyntheticEvent, useState } from 'react';
import type { SecretName } from '../../../../main/contracts/profile-document.ts';
import { useAction } from '../../../store/action.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Failed } from '../../../ui/failed/failed.tsx';
import { focusProblem } from '../../../ui/form-dialog/focus-problem.ts';
import { TextField } from '../../../ui/field/field.tsx';
import { linesOf } from '../../../ui/lines-field/lines.ts';
import { Notice } from '../../../ui/notice/notice.tsx';
import { Page } from '../../../ui/page/page.tsx';
import styles from '../profiles.module.css';
import { CertificateMember, EapTlsMember } from './certificate-member.tsx';
import { KeepingNotice } from './keeping-notice.tsx';
import { hintOf, MemberField } from './member-field.tsx';
import { advancedMembers, labelOf, textIn } from './members.ts';
import { SecretMember } from './secret-member.tsx';
import { type ProfileForm, useProfileForm } from './use-profile-form.ts';
import { type SecretsState, useSecrets } from './use-secrets.ts';

const text = strings.profiles;

interface ProfileEditorProps {
  /** Absent: a new one. */
  readonly id?: string;
  readonly onClose: () => void;
}

export function ProfileEditor({ id, onClose }: ProfileEditorProps) {
  const form = useProfileForm(id);
  const { state, reload } = useSecrets(id);
  const [secrets, setSecrets] = useState<Partial<Record<SecretName, string>>>({});
  const { failure, isBusy, run } = useAction();
  if (form === undefined) return <Page title={text.title}>{text.editor.loading}</Page>;
  const { stored } = form;
  const save = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const profile = form.check();
    if (profile === undefined) {
      focusProblem(event.currentTarget);
      return;
    }
    const argument = {
      ...(stored !== undefined && { existing: { id: stored.id, revision: stored.revision } }),
      profile,
      secrets: Object.fromEntries(Object.entries(secrets).filter(([, typed]) => typed !== '')),
    };
    void run(call('profiles.save', argument), onClose);
  };
  const title = stored === undefined ? text.editor.new : text.editor.edit(stored.profile.title ?? stored.profile.name);
  const secret = (name: SecretName) => (
    <SecretMember
      id={id}
      name={name}
      state={state}
      typed={secrets[name] ?? ''}
      onChange={(typed) => {
        setSecrets({ ...secrets, [name]: typed });
      }}
      onForgotten={reload}
    />
  );
  return (
    <Page title={title} actions={<Button onClick={onClose}>{text.editor.back}</Button>}>
      <Failed failure={form.failure ?? failure} />
      {stored?.management !== undefined && (
        <Notice kind="info" title={text.editor.managed(stored.management.organisation)}>
          {text.editor.managedText}
        </Notice>
      )}
      <form onSubmit={save} noValidate aria-label={title}>
        <Basics form={form} state={state} onChanged={reload} preSharedKey={secret('preSharedKey')} />
        <details className={styles.advanced}>
          <summary>{text.editor.advanced}</summary>
          <Card title={text.sections['secrets'] ?? ''}>
            {secret('password')}
            {secret('tunnelSecret')}
          </Card>
          <Advanced form={form} />
        </details>
        <Elsewhere form={form} />
        <footer className={styles.footer}>
          <Button kind="primary" type="submit" disabled={isBusy}>
            {text.editor.save}
          </Button>
        </footer>
      </form>
    </Page>
  );
}

interface BasicsProps {
  readonly form: ProfileForm;
  readonly state: SecretsState | undefined;
  readonly onChanged: () => void;
  readonly preSharedKey: React.ReactNode;
}

function Basics({ form, state, onChanged, preSharedKey }: BasicsProps) {
  const field = (path: string, label: string, hint: string, isFirst = false) => {
    const lockedBy = form.lockedBy(path);
    return (
      <TextField
        label={label}
        hint={hintOf(hint, lockedBy)}
        error={form.errors[path]}
        disabled={lockedBy !== undefined}
        autoFocus={isFirst && lockedBy === undefined}
        value={textIn(form.typed(path))}
        maxLength={path === 'gateway' ? 253 : 255}
        onChange={(event) => {
          form.set(path, event.target.value);
        }}
      />
    );
  };
  const member = (path: string) => ({
    typed: textIn(form.typed(path)),
    lockedBy: form.lockedBy(path),
    error: form.errors[path],
    onChange: (typed: string) => {
      form.set(path, typed);
    },
  });
  const certificate = textIn(form.typed('ipsec.certificate'));
  const methods = linesOf(textIn(form.typed('ppp.authentication')));
  return (
    <Card title={text.editor.basics}>
      {field('gateway', labelOf('gateway'), text.hints.gateway, true)}
      {field('user', labelOf('user'), text.hints.user)}
      <CertificateMember {...member('ipsec.certificate')} />
      {certificate === '' && preSharedKey}
      {methods.includes('eap-tls') && <EapTlsMember {...member('ppp.eapTls')} hasOther={certificate !== ''} />}
      {field('title', text.editor.title, text.editor.titleHint)}
      {state !== undefined && <KeepingNotice keeping={state.keeping} onChanged={onChanged} />}
    </Card>
  );
}

function Advanced({ form }: { readonly form: ProfileForm }) {
  const sections = [...new Set(advancedMembers.map(({ section }) => section))];
  return (
    <>
      {sections.map((section) => (
        <Card key={section} title={text.sections[section] ?? section}>
          <div className={styles.fields}>
            {advancedMembers
              .filter((member) => member.section === section)
              .map((member) => (
                <MemberField
                  key={member.path}
                  member={member}
                  typed={form.typed(member.path)}
                  lockedBy={form.lockedBy(member.path)}
                  error={form.errors[member.path]}
                  onChange={(typed) => {
                    form.set(member.path, typed);
                  }}
                />
              ))}
          </div>
        </Card>
      ))}
    </>
  );
}

/** Advanced members may be out of sight, and some have no field: what is wrong is said here too. */
function Elsewhere({ form }: { readonly form: ProfileForm }) {
  const problems = Object.entries(form.errors).filter(([path]) => !['gateway', 'user', 'title'].includes(path));
  if (problems.length === 0) return null;
  return (
    <Notice kind="bad" title={text.editor.elsewhere}>
      <ul>
        {problems.map(([path, problem]) => (
          <li key={path}>
            {labelOf(path)}: {problem}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
