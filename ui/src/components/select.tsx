import { Select as Radix } from 'radix-ui';
import { Icon } from './icon.tsx';
import './select.css';

export interface SelectOption {
  value: string;
  label: string;
  hint?: string;
}

interface Props {
  label: string;
  value: string;
  options: SelectOption[];
  onChange: (value: string) => void;
  placeholder?: string;
  /** Shows that this choice narrows what is seen. */
  highlighted?: boolean;
  className?: string;
}

/** Radix keeps the empty string for "nothing chosen", so an option with that value travels under another name. */
const kEmpty = '\u0000';

export function Select({ label, value, options, onChange, placeholder, highlighted, className = '' }: Props) {
  const known = options.some((option) => option.value === value);
  const current = known ? value || kEmpty : value;
  return (
    <Radix.Root value={current} onValueChange={(chosen) => onChange(chosen === kEmpty ? '' : chosen)}>
      <Radix.Trigger
        className={`select ${highlighted ? 'select-highlighted' : ''} ${className}`}
        aria-label={label}
        title={label}
      >
        <span className="clip">
          <Radix.Value placeholder={placeholder}>
            {known ? options.find((option) => option.value === value)?.label : value || placeholder}
          </Radix.Value>
        </span>
        <Icon name="chevron" size={12} />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="select-menu" position="popper" sideOffset={4} collisionPadding={8}>
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item key={option.value} value={option.value || kEmpty} className="select-item">
                <Radix.ItemText>{option.label}</Radix.ItemText>
                {option.hint && <span className="faint">{option.hint}</span>}
                <Radix.ItemIndicator className="select-check">
                  <Icon name="check" size={12} />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
