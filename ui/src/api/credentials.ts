import { useSyncExternalStore } from 'react';

/**
 * The API key of this tab, for servers that ask for one. It lives in session storage: gone with the tab, and not
 * in any other origin's reach.
 */

const kStorageKey = 'penstock.key';
const listeners = new Set<() => void>();
let wasRefused = false;

let current = restore();

export function apiKey(): string {
  return current;
}

export function setApiKey(key: string): void {
  current = key;
  try {
    sessionStorage.setItem(kStorageKey, key);
  } catch {
    // Without storage the key lasts as long as the page.
  }
  setRefused(false);
}

/** The header that the server wants, if a key was given. */
export function credentials(): Record<string, string> {
  return current ? { authorization: `Bearer ${current}` } : {};
}

/** Told by whoever sees a 401; a person is then asked for a key. */
export function reportRefused(): void {
  setRefused(true);
}

export function useRefused(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wasRefused,
  );
}

function setRefused(refused: boolean): void {
  wasRefused = refused;
  for (const listener of listeners) listener();
}

function restore(): string {
  try {
    return sessionStorage.getItem(kStorageKey) ?? '';
  } catch {
    return '';
  }
}
