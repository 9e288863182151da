import { kRanges, type TimeRange } from '../api/time_range.ts';
import { fromLocalInput, toLocalInput } from '../format/time.ts';
import { Select } from './select.tsx';
import './field.css';

const kCustom = 'custom';
const kHourUs = 3600e6;

interface Props {
  range: TimeRange;
  onChange: (change: Partial<TimeRange>) => void;
}

/** Any time, the last while, or from one time until another. */
export function TimeFilter({ range, onChange }: Props) {
  const isCustom = !range.range && (range.since_us !== null || range.until_us !== null);
  const options = [
    { value: '', label: 'Any time' },
    ...Object.entries(kRanges).map(([value, { label }]) => ({ value, label })),
    { value: kCustom, label: 'From … until …' },
  ];
  const choose = (chosen: string) => {
    const nowUs = Date.now() * 1000;
    if (chosen === kCustom) onChange({ range: '', since_us: nowUs - kHourUs, until_us: nowUs });
    else onChange({ range: chosen, since_us: null, until_us: null });
  };
  const edge = (label: string, name: 'since_us' | 'until_us') => (
    <input
      type="datetime-local"
      step="1"
      className="field field-set"
      aria-label={label}
      value={range[name] === null ? '' : toLocalInput(range[name])}
      onChange={(event) => onChange({ [name]: fromLocalInput(event.target.value) })}
    />
  );
  return (
    <>
      <Select
        label="Time range"
        value={isCustom ? kCustom : range.range}
        options={options}
        onChange={choose}
        highlighted={isCustom || range.range !== ''}
      />
      {isCustom && (
        <>
          {edge('From', 'since_us')}
          {edge('Until', 'until_us')}
        </>
      )}
    </>
  );
}
