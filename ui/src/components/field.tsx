import { useEffect, useRef, useState, type InputHTMLAttributes, type Ref } from 'react';
import './field.css';

const kDebounceMs = 250;

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  suggestions?: string[];
  ref?: Ref<HTMLInputElement>;
}

/** A filter's text: answers at once under the fingers, and tells the page when they rest. */
export function FilterInput({ label, value, onChange, suggestions, className = '', ...rest }: Props) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text.trim();
      onChange(text.trim());
    }, kDebounceMs);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  const listId = suggestions && suggestions.length > 0 ? `suggest-${label.replaceAll(' ', '-')}` : undefined;
  return (
    <>
      <input
        {...rest}
        className={`field ${value ? 'field-set' : ''} ${className}`}
        aria-label={label}
        list={listId}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          if (text) setText('');
          else event.currentTarget.blur();
        }}
      />
      {listId && (
        <datalist id={listId}>
          {suggestions?.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </>
  );
}
