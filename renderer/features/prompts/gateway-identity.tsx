import type { Prompt } from '../../../main/contracts/prompt.ts';
import type { IdentityForm } from '../../../main/contracts/profile.ts';
import { strings } from '../../strings/index.ts';
import { Facts } from '../../ui/facts/facts.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { PromptFrame } from './prompt-frame.tsx';
import type { PromptProps } from './prompt-props.ts';

const text = strings.prompts.gatewayIdentity;

type GatewayIdentityProps = PromptProps & { readonly prompt: Extract<Prompt, { kind: 'gatewayIdentity' }> };

export function GatewayIdentity({ until, prompt, answer, cancel }: GatewayIdentityProps) {
  const { claimed, expected, fingerprint } = prompt;
  const isSettled = useSettled();
  return (
    <PromptFrame
      title={text.title}
      description={text.text}
      until={until}
      submit={text.submit}
      ready={isSettled}
      onSubmit={() => {
        answer({ kind: 'gatewayIdentity', accept: true });
      }}
      onCancel={cancel}
    >
      <Facts
        rows={[
          [text.claimed, <Name of={claimed} />],
          [text.expected, expected === undefined ? undefined : <Name of={expected} />],
          [text.fingerprint, fingerprint === undefined ? undefined : <span className="mono">{fingerprint}</span>],
        ]}
      />
    </PromptFrame>
  );
}

function Name({ of: { kind, value } }: { readonly of: IdentityForm }) {
  return (
    <>
      <span className="mono">{value}</span> <span className="muted">({text.kinds[kind]})</span>
    </>
  );
}
