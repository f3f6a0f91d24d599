import type { ReactNode } from 'react';
import type { Failure } from '../../../main/contracts/failure.ts';
import { strings } from '../../strings/index.ts';
import { Notice } from '../notice/notice.tsx';

interface FailedProps {
  readonly failure: Failure | undefined;
  readonly title?: string;
  readonly actions?: ReactNode;
}

/** What did not work, why, and what to do; nothing where there is nothing. */
export function Failed({ failure, title = strings.failed, actions }: FailedProps) {
  if (failure === undefined) return null;
  return (
    <Notice kind="bad" title={title} actions={actions}>
      <p>{failure.cause}</p>
      <p>{failure.fix}</p>
    </Notice>
  );
}
