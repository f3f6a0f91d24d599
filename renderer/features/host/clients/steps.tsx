import type { ClientStep } from '../../../../main/contracts/host-clients.ts';
import { strings } from '../../../strings/index.ts';
import { Facts } from '../../../ui/facts/facts.tsx';
import { Command, CopyButton } from '../command.tsx';
import styles from '../host.module.css';

const text = strings.host.clients;

export function Steps({ steps }: { readonly steps: readonly ClientStep[] }) {
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <li key={step.text}>
          <p>{step.text}</p>
          {step.fields.length > 0 && (
            <Facts
              rows={step.fields.map(({ label, value, isTyped, isSecret }) => [
                label,
                <span className={styles.value} key={label}>
                  <span className={isSecret ? 'mono' : undefined}>{value}</span>
                  {isTyped && <CopyButton label={text.copy(label)} value={value} />}
                </span>,
              ])}
            />
          )}
          {step.commands.length > 0 && <Command lines={step.commands} />}
        </li>
      ))}
    </ol>
  );
}
