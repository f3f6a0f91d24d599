import { Copy } from 'lucide-react';
import { useState } from 'react';
import { strings } from '../../strings/index.ts';
import { IconButton } from '../../ui/button/button.tsx';
import { copyText } from '../../ui/copy-text.ts';
import styles from './host.module.css';

const text = strings.host.clients;

/** Lines for a terminal, with a button that copies them. */
export function Command({ lines }: { readonly lines: readonly string[] }) {
  return (
    <div className={styles.command}>
      <pre className="selectable mono" tabIndex={0}>
        {lines.join('\n')}
      </pre>
      <CopyButton label={text.copy(text.command)} value={lines.join('\n')} />
    </div>
  );
}

export function CopyButton({ label, value }: { readonly label: string; readonly value: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <>
      <IconButton
        label={label}
        onClick={() => {
          setCopied(copyText(value));
        }}
      >
        <Copy aria-hidden />
      </IconButton>
      <span role="status" className="heard">
        {copied ? text.copied : ''}
      </span>
    </>
  );
}
