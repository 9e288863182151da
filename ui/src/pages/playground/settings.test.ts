import { expect, test } from 'vitest';
import { kNumberSettings, parseSetting, type NumberSetting } from './settings.ts';

function setting(name: string): NumberSetting {
  return kNumberSettings.find((one) => one.name === name) as NumberSetting;
}

test('an empty parameter means the default, a wrong one says what is wrong', () => {
  expect(parseSetting(setting('temperature'), ' ')).toBeNull();
  expect(parseSetting(setting('temperature'), '0.7')).toBe(0.7);
  expect(parseSetting(setting('temperature'), '3')).toEqual({ problem: 'From 0 to 2' });
  expect(parseSetting(setting('seed'), '1.5')).toEqual({ problem: 'A whole number' });
  expect(parseSetting(setting('max_tokens'), 'many')).toEqual({ problem: 'Not a number' });
});
