import { useSyncExternalStore } from 'react';

/** A configuration while it is written; kept while other pages are shown, gone with the tab. */
export interface ConfigDraft {
  text: string;
  /** The version that the text was made from. */
  base: number;
}

const listeners = new Set<() => void>();
let current: ConfigDraft | null = null;

export function setDraft(draft: ConfigDraft | null): void {
  current = draft;
  for (const listener of listeners) listener();
}

export function useDraft(): ConfigDraft | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Where a line begins and ends in a text, for putting the cursor there; lines count from 1. */
export function spanOfLine(text: string, line: number): { start: number; end: number } {
  const lines = text.split('\n');
  const index = Math.min(Math.max(1, line), lines.length) - 1;
  const start = lines.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0);
  return { start, end: start + (lines[index]?.length ?? 0) };
}
