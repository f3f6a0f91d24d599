import { LoaderCircle } from 'lucide-react';
import type { Prompt } from '../../../main/contracts/prompt.ts';
import { strings } from '../../strings/index.ts';
import { PromptFrame } from './prompt-frame.tsx';
import type { PromptProps } from './prompt-props.ts';
import styles from './prompts.module.css';

const text = strings.prompts.approval;

type ApprovalProps = PromptProps & { readonly prompt: Extract<Prompt, { kind: 'approval' }> };

/** The user approves on another device; here there is only to wait, or to give up. */
export function Approval({ until, prompt, cancel }: ApprovalProps) {
  return (
    <PromptFrame title={text.title} description={prompt.text} until={until} onCancel={cancel}>
      <p className={styles.waiting} role="status">
        <LoaderCircle aria-hidden />
        {text.waiting}
      </p>
    </PromptFrame>
  );
}
