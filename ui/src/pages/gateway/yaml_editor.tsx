import { useImperativeHandle, useRef, type KeyboardEvent, type Ref } from 'react';
import { spanOfLine } from './config_draft.ts';

export interface EditorHandle {
  /** Selects a line and brings it into sight. */
  goTo: (line: number) => void;
}

interface Props {
  ref?: Ref<EditorHandle>;
  text: string;
  isReadOnly: boolean;
  /** Lines that something is wrong with. */
  marked: ReadonlySet<number>;
  onChange: (text: string) => void;
  /** Ctrl Enter. */
  onCheck: () => void;
}

/** A plain text field with line numbers: the browser's own editing, search and undo. */
export function YamlEditor({ ref, text, isReadOnly, marked, onChange, onCheck }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => ({
    goTo(line) {
      const { start, end } = spanOfLine(text, line);
      area.current?.focus();
      area.current?.setSelectionRange(start, end);
      document.getElementById(`config-line-${line}`)?.scrollIntoView({ block: 'center' });
    },
  }));
  const lines = text.split('\n').length;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onCheck();
  };
  return (
    <div className="editor mono">
      <ol aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => (
          <li key={index} id={`config-line-${index + 1}`} data-marked={marked.has(index + 1) || undefined}>
            {index + 1}
          </li>
        ))}
      </ol>
      <textarea
        ref={area}
        aria-label="penstock.yaml"
        wrap="off"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        rows={lines}
        readOnly={isReadOnly}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
