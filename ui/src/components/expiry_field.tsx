import { Field } from './form.tsx';
import { Select } from './select.tsx';
import { fromLocalInput, toLocalInput } from '../format/time.ts';

const kDayUs = 86_400e6;
const kPresets: [string, string][] = [
  ['7d', 'in 7 days'],
  ['30d', 'in 30 days'],
  ['90d', 'in 90 days'],
  ['365d', 'in a year'],
];

interface Props {
  /** '' (never), '30d' (from the moment it is sent), or microseconds. */
  value: string;
  onChange: (value: string) => void;
}

/** Null: never. */
export function expiryUs(value: string, nowUs = Date.now() * 1000): number | null {
  if (value === '') return null;
  return value.endsWith('d') ? nowUs + Number(value.slice(0, -1)) * kDayUs : Number(value);
}

export function ExpiryField({ value, onChange }: Props) {
  const isFixed = /^\d+$/.test(value);
  const options = [
    { value: '', label: 'never' },
    ...kPresets.map(([days, label]) => ({ value: days, label })),
    { value: 'at', label: 'at …' },
  ];
  const choose = (chosen: string) => onChange(chosen === 'at' ? String(expiryUs('30d') ?? 0) : chosen);
  return (
    <Field label="Expires" name="expires_at_us">
      {(control) => (
        <div className="form-row">
          <Select label="Expires" value={isFixed ? 'at' : value} options={options} onChange={choose} />
          {isFixed && (
            <input
              {...control}
              type="datetime-local"
              className="field"
              aria-label="Expires at"
              value={toLocalInput(Number(value))}
              onChange={(event) => onChange(String(fromLocalInput(event.target.value) ?? value))}
            />
          )}
        </div>
      )}
    </Field>
  );
}
