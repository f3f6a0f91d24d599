import { useState } from 'react';
import { entryName } from '../../../../main/contracts/host-forms.ts';
import { hostGroup } from '../../../../main/contracts/host-group.ts';
import { firstProblem, problemsByKey } from '../../../../main/contracts/problems.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { SelectField, TextField } from '../../../ui/field/field.tsx';
import { FormDialog } from '../../../ui/form-dialog/form-dialog.tsx';
import { LinesField } from '../../../ui/lines-field/lines-field.tsx';
import { useAction } from '../../../store/action.ts';
import { groupOf, typedOf, type KnownGroup, type Typed } from './typed-group.ts';

const text = strings.host.groups;

interface GroupDialogProps {
  /** Absent: a new one. */
  readonly known?: { readonly name: string; readonly group: KnownGroup };
  /** Names of those that there are. */
  readonly pools: readonly string[];
  readonly onClose: () => void;
}

const optionsOf = <Value extends string>(labels: Readonly<Record<Value, string>>) =>
  (Object.keys(labels) as Value[]).map((value) => ({ value, label: labels[value] }));

/** What is typed as text. */
type TextMember = Exclude<keyof Typed, 'tunnel' | 'together' | 'oneTimeCode' | 'whenSessionsReached'>;

/** Members of the contract, by the fields that show them. */
const fieldOf: Readonly<Record<string, keyof Typed>> = {
  routes: 'routes',
  reach: 'reach',
  'dns.servers': 'dns',
  'dns.searchDomains': 'searchDomains',
  'rate.up': 'up',
  'rate.down': 'down',
  idleTimeout: 'idleMinutes',
  sessionTimeout: 'sessionMinutes',
  sessionsPerUser: 'sessionsPerUser',
  pools: 'pools',
  wins: 'wins',
  mtu: 'mtu',
};

export function GroupDialog({ known, pools, onClose }: GroupDialogProps) {
  const [typed, setTyped] = useState(() => typedOf(known?.name ?? '', known?.group ?? {}));
  const [problems, setProblems] = useState<Partial<Readonly<Record<keyof Typed, string>>>>({});
  const { failure, isBusy, run } = useAction();
  const field = (member: TextMember) => ({
    value: typed[member],
    error: problems[member],
    onChange: (value: string) => {
      setTyped((before) => ({ ...before, [member]: value }));
    },
  });
  const figure = (member: TextMember) => {
    const { onChange, ...rest } = field(member);
    return {
      ...rest,
      onChange: (event: { readonly target: { readonly value: string } }) => {
        onChange(event.target.value);
      },
    };
  };
  const submit = (): void => {
    const name = entryName.safeParse(typed.name);
    const group = hostGroup.safeParse(groupOf(typed));
    setProblems({
      ...(!group.success && problemsByKey(group.error, memberOf)),
      ...(!name.success && { name: firstProblem(name.error) }),
    });
    if (!name.success || !group.success) return;
    void run(call('host.saveGroup', { name: name.data, group: group.data }), onClose);
  };
  return (
    <FormDialog
      title={known === undefined ? text.add : text.edit(known.name)}
      {...(known !== undefined && { description: text.consequence })}
      action={known === undefined ? text.add : text.save}
      failure={failure}
      isBusy={isBusy}
      onSubmit={submit}
      onClose={onClose}
    >
      {known === undefined && <TextField label={text.name} hint={text.nameHint} {...figure('name')} />}
      <SelectField
        label={text.tunnel}
        value={typed.tunnel}
        options={optionsOf(text.tunnels)}
        onChange={(tunnel) => {
          setTyped((before) => ({ ...before, tunnel }));
        }}
      />
      <LinesField label={text.routes} hint={text.lines} {...field('routes')} />
      <LinesField label={text.reach} hint={text.reachHint} {...field('reach')} />
      <SelectField
        label={text.isolated}
        value={typed.together}
        options={optionsOf(text.isolations)}
        onChange={(together) => {
          setTyped((before) => ({ ...before, together }));
        }}
      />
      <SelectField
        label={text.oneTimeCode}
        hint={text.oneTimeCodeHint}
        value={typed.oneTimeCode}
        options={optionsOf(text.oneTimeCodes)}
        onChange={(oneTimeCode) => {
          setTyped((before) => ({ ...before, oneTimeCode }));
        }}
      />
      <LinesField label={text.dns} hint={text.dnsHint} {...field('dns')} />
      <LinesField label={text.searchDomains} hint={text.lines} {...field('searchDomains')} />
      <TextField label={text.up} hint={text.rateHint} inputMode="numeric" {...figure('up')} />
      <TextField label={text.down} hint={text.rateHint} inputMode="numeric" {...figure('down')} />
      <TextField label={text.idle} hint={text.minutesHint} inputMode="numeric" {...figure('idleMinutes')} />
      <TextField label={text.session} hint={text.minutesHint} inputMode="numeric" {...figure('sessionMinutes')} />
      <TextField label={text.sessionsPerUser} inputMode="numeric" {...figure('sessionsPerUser')} />
      <SelectField
        label={text.whenSessionsReached}
        value={typed.whenSessionsReached}
        options={optionsOf(text.reactions)}
        onChange={(whenSessionsReached) => {
          setTyped((before) => ({ ...before, whenSessionsReached }));
        }}
      />
      <LinesField label={text.pools} hint={text.poolsHint(pools.join(', '))} {...field('pools')} />
      <LinesField label={text.wins} hint={text.winsHint} {...field('wins')} />
      <TextField label={text.mtu} hint={text.mtuHint} inputMode="numeric" {...figure('mtu')} />
    </FormDialog>
  );
}

function memberOf(path: readonly PropertyKey[]): keyof Typed {
  const [first, second] = path.map(String);
  return fieldOf[`${first ?? ''}.${second ?? ''}`] ?? fieldOf[first ?? ''] ?? 'name';
}
