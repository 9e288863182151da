import { describe, expect, test } from 'vitest';
import {
  asText,
  formatBytes,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  shortDigest,
  significant,
} from './numbers.ts';

describe('numbers for people', () => {
  test.each([
    [0, '0'],
    [0.0312, '0.0312'],
    [3.123, '3.12'],
    [31.23, '31.2'],
    [312.3, '312'],
    [3123, '3,123'],
  ])('%d has three significant digits: %s', (value, text) => expect(significant(value)).toBe(text));

  test.each([
    [null, '–'],
    [0, '0 ms'],
    [0.25, '250 µs'],
    [85.4, '85 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [2450, '2.45 s'],
    [59_990, '59.99 s'],
    [59_996, '1:00 min'],
    [125_000, '2:05 min'],
    [3_725_000, '1:02 h'],
  ])('%s ms reads %s', (ms, text) => expect(asText(formatDuration(ms))).toBe(text));

  test.each([
    [null, '–'],
    [0, '$0'],
    [101_000, '$0.0001'],
    [96_600, '$0.000097'],
    [1, '$0.000000001'],
    [11_300_000, '$0.0113'],
    [250_000_000, '$0.25'],
    [996_000_000, '$1.00'],
    [12_340_000_000, '$12.34'],
    [1_234_567_000_000_000, '$1,234,567'],
  ])('%s nano-USD read %s', (nano, text) => expect(asText(formatCost(nano))).toBe(text));

  test.each([
    [null, '–'],
    [12, '12 B'],
    [144_811_904, '145 MB'],
    [999_600, '1.00 MB'],
    [4_200_000_000, '4.20 GB'],
  ])('%s bytes read %s', (bytes, text) => expect(asText(formatBytes(bytes))).toBe(text));

  test('counts are grouped, and shortened only in millions', () => {
    expect(asText(formatCount(253_969))).toBe('253,969');
    expect(asText(formatCount(1_234_567))).toBe('1.23 M');
  });

  test('a share of nothing is unknown, not zero', () => {
    expect(asText(formatPercent(0, 0))).toBe('–');
    expect(asText(formatPercent(1, 8))).toBe('12.5 %');
  });

  test('a digest is known by its first twelve digits', () => {
    expect(shortDigest('sha256:0123456789abcdef')).toBe('0123456789ab');
  });
});
