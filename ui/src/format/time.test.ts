import { describe, expect, test } from 'vitest';
import {
  formatAgo,
  formatInstant,
  formatUptime,
  formatWithZone,
  fromLocalInput,
  toLocalInput,
} from './time.ts';

/** vitest.config.ts puts the tests into Europe/Berlin. */
const kInstantUs = Date.UTC(2026, 10, 24, 13, 3, 22, 123) * 1000;

describe('times for people', () => {
  test('are in the reader’s zone, which the hover names beside UTC', () => {
    expect(formatInstant(kInstantUs)).toBe('2026-11-24 14:03:22.123');
    expect(formatWithZone(kInstantUs)).toMatch(
      /^2026-11-24 14:03:22\.123 .*GMT\+01:00\)\n2026-11-24 13:03:22\.123 UTC$/,
    );
  });

  test.each([
    [0, 'just now'],
    [12, '12 s ago'],
    [150, '2 min ago'],
    [7_300, '2 h ago'],
    [200_000, '2 d ago'],
    [-30, 'just now'],
  ])('%d seconds back is "%s"', (seconds, text) => {
    expect(formatAgo(kInstantUs, kInstantUs + seconds * 1e6)).toBe(text);
  });

  test('survive a datetime field', () => {
    expect(fromLocalInput(toLocalInput(kInstantUs))).toBe(Math.floor(kInstantUs / 1e6) * 1e6);
    expect(fromLocalInput('')).toBeNull();
  });

  test('uptime has two units at most', () => {
    expect(formatUptime(45)).toBe('45 s');
    expect(formatUptime(11_520)).toBe('3 h 12 min');
    expect(formatUptime(273_600)).toBe('3 d 4 h');
  });
});
