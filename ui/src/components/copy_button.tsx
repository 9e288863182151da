import { useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import type { IconName } from './icon.tsx';

const kConfirmationMs = 1_500;

interface Props {
  text: string | (() => string);
  label: string;
  icon?: IconName;
  children?: string;
}

/** Copies and says so. Without `children` it is an icon. */
export function CopyButton({ text, label, icon = 'copy', children }: Props) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), kConfirmationMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    copyText(typeof text === 'string' ? text : text()).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  const said = state === 'copied' ? 'Copied' : state === 'refused' ? 'Copying was refused' : label;
  const shown = state === 'copied' ? 'check' : icon;
  if (children === undefined) return <IconButton icon={shown} label={said} onClick={copy} />;
  return (
    <Button icon={shown} aria-label={label} onClick={copy}>
      {state === 'idle' ? children : said}
    </Button>
  );
}

/** The clipboard API exists only on https and localhost; a server on a LAN needs the old way. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (!copied) throw new Error('copy refused');
}
