import { useEffect, useRef } from 'react';
import { KeySequence } from './key_sequence.ts';

export interface Shortcut {
  keys: string;
  does: string;
  run: () => void;
}

const active = new Set<Shortcut>();
const sequence = new KeySequence(() => [...active].map((shortcut) => shortcut.keys));

/** What works right now, for the help dialog. */
export function activeShortcuts(): Shortcut[] {
  return [...active];
}

/** Binds keys while the component is shown. Typing in a field, an open dialog and Ctrl, Alt or Meta are left alone. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const signature = shortcuts.map(({ keys }) => keys).join('|');
  useEffect(() => {
    const bound = latest.current.map(({ keys, does }) => ({
      keys,
      does,
      run: () => latest.current.find((shortcut) => shortcut.keys === keys)?.run(),
    }));
    for (const shortcut of bound) active.add(shortcut);
    return () => {
      for (const shortcut of bound) active.delete(shortcut);
    };
  }, [signature]);
}

/** Starts listening; called once. */
export function listenForShortcuts(): void {
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
      return;
    if (document.querySelector('[role="dialog"][data-modal]')) return;
    const keys = sequence.press(event.key, event.timeStamp);
    const match = keys === null ? undefined : [...active].findLast((shortcut) => shortcut.keys === keys);
    if (!match) return;
    event.preventDefault();
    match.run();
  });
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
