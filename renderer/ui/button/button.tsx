import type { ComponentProps, ReactNode } from 'react';
import { names } from '../names.ts';
import styles from './button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  /** `primary`: what one came for, at most once in sight. `danger`: what cannot be taken back. */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: ReactNode;
}

export function Button({ kind = 'plain', icon, className, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button {...rest} type={type} className={names(styles.button, styles[kind], className)}>
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  /** What it does, for who cannot see the icon and as its tooltip. */
  readonly label: string;
  readonly children: ReactNode;
}

export function IconButton({ label, kind = 'quiet', className, children, ...rest }: IconButtonProps) {
  return (
    <Button {...rest} kind={kind} className={names(styles.icon, className)} aria-label={label} title={label}>
      {children}
    </Button>
  );
}
