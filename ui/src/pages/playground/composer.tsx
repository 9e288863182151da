import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useShortcuts } from '../../app/shortcuts.ts';
import { Button } from '../../components/button.tsx';

interface Props {
  isBusy: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
}

export function Composer({ isBusy, onSend, onStop }: Props) {
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  useShortcuts([
    { keys: '/', does: 'Write a message', run: () => area.current?.focus() },
    { keys: 'Escape', does: 'Stop the answer', run: onStop },
  ]);
  useEffect(() => area.current?.focus(), []);
  const send = () => {
    if (isBusy || !text.trim()) return;
    onSend(text.trim());
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return isBusy ? onStop() : area.current?.blur();
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="composer">
      <textarea
        ref={area}
        rows={1}
        aria-label="Message"
        placeholder="Message"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {isBusy ? (
        <Button icon="stop" onClick={onStop} title="Stop (Esc)">
          Stop
        </Button>
      ) : (
        <Button look="primary" icon="send" disabled={!text.trim()} onClick={send} title="Send (Enter)">
          Send
        </Button>
      )}
    </div>
  );
}
