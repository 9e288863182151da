import { useSyncExternalStore } from 'react';
import type { Settings } from './chat_session.ts';

const kStorageKey = 'penstock.playground';

export const kDefaultSettings: Settings = {
  system: '',
  temperature: 0.3,
  top_p: null,
  max_tokens: 512,
  seed: null,
  stop: [],
};

export interface NumberSetting {
  name: 'temperature' | 'top_p' | 'max_tokens' | 'seed';
  label: string;
  min: number;
  max: number;
  step: number;
  help: string;
}

export const kNumberSettings: NumberSetting[] = [
  {
    name: 'temperature',
    label: 'Temperature',
    min: 0,
    max: 2,
    step: 0.1,
    help: '0 always takes the likeliest token',
  },
  {
    name: 'top_p',
    label: 'Top p',
    min: 0,
    max: 1,
    step: 0.05,
    help: 'Share of probability that is sampled from',
  },
  { name: 'max_tokens', label: 'Max tokens', min: 1, max: 131_072, step: 1, help: 'Longest answer' },
  {
    name: 'seed',
    label: 'Seed',
    min: 0,
    max: 2 ** 31 - 1,
    step: 1,
    help: 'The same seed repeats the same answer',
  },
];

/** The number, null for an empty field, or what is wrong with it. */
export function parseSetting(setting: NumberSetting, text: string): number | null | { problem: string } {
  if (text.trim() === '') return null;
  const value = Number(text);
  if (Number.isNaN(value)) return { problem: 'Not a number' };
  if (value < setting.min || value > setting.max) return { problem: `From ${setting.min} to ${setting.max}` };
  if (setting.step === 1 && !Number.isInteger(value)) return { problem: 'A whole number' };
  return value;
}

const listeners = new Set<() => void>();
let current = restore();

export function useSettings(): Settings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(kStorageKey, JSON.stringify(current));
  } catch {
    // Without storage the settings last as long as the page.
  }
  for (const listener of listeners) listener();
}

function restore(): Settings {
  try {
    return {
      ...kDefaultSettings,
      ...(JSON.parse(localStorage.getItem(kStorageKey) ?? '{}') as Partial<Settings>),
    };
  } catch {
    return kDefaultSettings;
  }
}
