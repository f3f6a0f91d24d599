import { CircleAlert, CircleCheck, CircleHelp, CircleX, type LucideIcon } from 'lucide-react';
import type { HostCheck } from '../../../../main/contracts/host-guide.ts';
import { strings } from '../../../strings/index.ts';
import { Command } from '../command.tsx';
import styles from '../host.module.css';

const text = strings.host.guide;

const icons: Readonly<Record<HostCheck['verdict'], LucideIcon>> = {
  good: CircleCheck,
  doubt: CircleAlert,
  bad: CircleX,
  unknown: CircleHelp,
};

/** What a host needs of this computer, and what to do where it lacks. */
export function Checks({ checks }: { readonly checks: readonly HostCheck[] }) {
  return (
    <ul className={styles.checks}>
      {checks.map((check) => (
        <Check key={check.subject} check={check} />
      ))}
    </ul>
  );
}

function Check({ check: { subject, verdict, what, fix, commands } }: { readonly check: HostCheck }) {
  const Icon = icons[verdict];
  return (
    <li className={styles.check} data-verdict={verdict}>
      <Icon aria-hidden />
      <div>
        <strong>{text.subjects[subject]}</strong>
        <span className="heard">{text.verdicts[verdict]}</span>
        <p className="selectable">{what}</p>
        {fix !== undefined && <p className="selectable">{fix}</p>}
        {commands.length > 0 && <Command lines={commands} />}
      </div>
    </li>
  );
}
