import { CopyButton } from './copy_button.tsx';
import './raw_text.css';

/** Code or JSON as it is, with a copy button that stays in sight. */
export function RawText({ text, label }: { text: string; label: string }) {
  return (
    <div className="raw">
      <CopyButton text={text} label={`Copy: ${label}`}>
        Copy
      </CopyButton>
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </div>
  );
}
