import { Check, ChevronDown } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import styles from './menu.module.css';

interface PickerProps {
  /** What is picked, for who does not see the button's text in its place. */
  readonly label: string;
  readonly value: string | undefined;
  readonly placeholder: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly detail?: string }[];
  readonly disabled?: boolean;
  readonly onPick: (value: string) => void;
}

/** A button that shows what is picked, and a list to pick from. */
export function Picker({ label, value, placeholder, options, disabled, onPick }: PickerProps) {
  const picked = options.find((option) => option.value === value);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className={styles.trigger} disabled={disabled === true}>
        <span className="heard">{label}</span>
        <span className={styles.text}>
          <span className={styles.label}>{picked?.label ?? placeholder}</span>
          {picked?.detail !== undefined && <span className={styles.detail}>{picked.detail}</span>}
        </span>
        <ChevronDown aria-hidden className={styles.mark} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.list} sideOffset={6} collisionPadding={12}>
          <DropdownMenu.RadioGroup {...(value !== undefined && { value })} onValueChange={onPick}>
            {options.map((option) => (
              <DropdownMenu.RadioItem key={option.value} value={option.value} className={styles.item}>
                <span className={styles.text}>
                  <span className={styles.label}>{option.label}</span>
                  {option.detail !== undefined && <span className={styles.detail}>{option.detail}</span>}
                </span>
                <DropdownMenu.ItemIndicator>
                  <Check aria-hidden className={styles.mark} />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuProps {
  readonly trigger: ReactNode;
  readonly items: readonly {
    readonly label: string;
    readonly icon?: ReactNode;
    readonly danger?: boolean;
    readonly disabled?: boolean;
    readonly onPick: () => void;
  }[];
}

/** Actions behind one button, which `trigger` is. */
export function Menu({ trigger, items }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.list} sideOffset={6} align="end" collisionPadding={12}>
          {items.map((item) => (
            <DropdownMenu.Item
              key={item.label}
              className={styles.item}
              disabled={item.disabled === true}
              data-danger={item.danger === true}
              onSelect={item.onPick}
            >
              {item.icon}
              {item.label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
