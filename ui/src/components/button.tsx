import type { ButtonHTMLAttributes } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './button.css';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: IconName;
  look?: 'plain' | 'primary' | 'ghost' | 'danger';
  /** The action is under way. */
  isPending?: boolean;
}

export function Button({
  icon,
  look = 'plain',
  isPending = false,
  className = '',
  children,
  ...rest
}: Props) {
  return (
    <button
      type="button"
      className={`button button-${look} ${className}`}
      aria-busy={isPending || undefined}
      {...rest}
    >
      {isPending ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} size={14} />}
      {children}
    </button>
  );
}

/** A button that is only an icon; `label` is its accessible name and its hover. */
export function IconButton({
  icon,
  label,
  className = '',
  ...rest
}: Omit<Props, 'isPending' | 'look'> & { icon: IconName; label: string }) {
  return (
    <button
      type="button"
      className={`button button-icon ${className}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
