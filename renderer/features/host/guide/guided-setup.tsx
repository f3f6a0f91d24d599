import { type SyntheticEvent, useState } from 'react';
import { hostChoices, type HostProposal } from '../../../../main/contracts/host-guide.ts';
import { problemsByKey } from '../../../../main/contracts/problems.ts';
import { call } from '../../../store/client.ts';
import { strings } from '../../../strings/index.ts';
import { Button } from '../../../ui/button/button.tsx';
import { Card } from '../../../ui/card/card.tsx';
import { Choice } from '../../../ui/choice/choice.tsx';
import { SecretField, TextField } from '../../../ui/field/field.tsx';
import { focusProblem } from '../../../ui/form-dialog/focus-problem.ts';
import { Failed } from '../../../ui/failed/failed.tsx';
import { linesOf } from '../../../ui/lines-field/lines.ts';
import { LinesField } from '../../../ui/lines-field/lines-field.tsx';
import { useHostValue } from '../use-host-value.ts';
import { useAction } from '../../../store/action.ts';
import { Checks } from './checks.tsx';

const text = strings.host.guide;

/** Host mode in one step: what this computer is like, and what only its owner knows. */
export function GuidedSetup() {
  const { value: proposal, failure, reload } = useHostValue('host.propose');
  return (
    <>
      <Card title={text.title}>
        <p className="muted">{text.text}</p>
      </Card>
      <Failed failure={failure} />
      <Card title={text.checks} aside={<Button onClick={reload}>{text.again}</Button>}>
        {proposal === undefined ? <p className="muted">{strings.host.loading}</p> : <Checks checks={proposal.checks} />}
      </Card>
      {proposal !== undefined && <Choices proposal={proposal} />}
    </>
  );
}

type Problems = Readonly<Partial<Record<string, string>>>;

function Choices({ proposal }: { readonly proposal: HostProposal }) {
  const [typed, setTyped] = useState({
    name: 'office',
    server: proposal.reachedBy === 'directly' ? (proposal.address ?? '') : '',
    pool: proposal.pool,
    tunnel: 'full' as 'full' | 'split',
    routes: proposal.routes.join('\n'),
    user: '',
    password: '',
  });
  const [problems, setProblems] = useState<Problems>({});
  const { failure, isBusy, run } = useAction();
  const set = (members: Partial<typeof typed>): void => {
    setTyped((before) => ({ ...before, ...members }));
  };
  const submit = (event: SyntheticEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const { user, password, routes, tunnel, ...rest } = typed;
    const choices = {
      ...rest,
      tunnel,
      routes: tunnel === 'split' ? linesOf(routes) : [],
      user: { name: user, password },
    };
    const checked = hostChoices.safeParse(choices);
    setProblems(checked.success ? {} : problemsByKey(checked.error, fieldOf));
    if (checked.success) void run(call('host.setUp', choices));
    else focusProblem(event.currentTarget);
  };
  return (
    <Card title={text.choices}>
      <form onSubmit={submit} noValidate>
        <TextField
          label={text.server}
          hint={text.serverHint}
          error={problems['server']}
          value={typed.server}
          onChange={(event) => {
            set({ server: event.target.value.trim() });
          }}
        />
        <TextField
          label={text.user}
          hint={text.userHint}
          error={problems['user.name']}
          value={typed.user}
          onChange={(event) => {
            set({ user: event.target.value });
          }}
        />
        <SecretField
          label={text.password}
          error={problems['user.password']}
          autoComplete="new-password"
          value={typed.password}
          onChange={(event) => {
            set({ password: event.target.value });
          }}
        />
        <TextField
          label={text.pool}
          hint={text.poolHint}
          error={problems['pool']}
          value={typed.pool}
          onChange={(event) => {
            set({ pool: event.target.value.trim() });
          }}
        />
        <TextField
          label={text.name}
          hint={text.nameHint}
          error={problems['name']}
          value={typed.name}
          onChange={(event) => {
            set({ name: event.target.value.trim() });
          }}
        />
        <Choice
          label={text.tunnel}
          value={typed.tunnel}
          options={(['full', 'split'] as const).map((value) => ({ value, label: text.tunnels[value] }))}
          onChange={(tunnel) => {
            set({ tunnel });
          }}
        />
        {typed.tunnel === 'split' && (
          <LinesField
            label={text.routes}
            hint={text.routesHint}
            error={problems['routes']}
            value={typed.routes}
            onChange={(routes) => {
              set({ routes });
            }}
          />
        )}
        <p className="muted">{text.key}</p>
        <Failed failure={failure} />
        <Button kind="primary" type="submit" disabled={isBusy}>
          {isBusy ? text.working : text.submit}
        </Button>
      </form>
    </Card>
  );
}

/** Its member; of a list, the list's. */
const fieldOf = (path: readonly PropertyKey[]): string => path.filter((part) => typeof part === 'string').join('.');
