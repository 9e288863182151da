import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

export const kThemes: Theme[] = ['system', 'light', 'dark'];

/** Also read by public/theme.js before the first paint. */
const kStorageKey = 'penstock.theme';
const listeners = new Set<() => void>();

export function currentTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(kStorageKey);
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(kStorageKey, theme);
  }
  for (const listener of listeners) listener();
}

export function nextTheme(theme: Theme): Theme {
  return kThemes[(kThemes.indexOf(theme) + 1) % kThemes.length] ?? 'system';
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentTheme);
}
