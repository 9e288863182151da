import { describe, expect, test } from 'vitest';
import { KeySequence } from './key_sequence.ts';

function keys() {
  return new KeySequence(() => ['g h', 'g r', '/', 'r']);
}

describe('keys', () => {
  test('pressed one after the other make a sequence', () => {
    const sequence = keys();
    expect(sequence.press('g', 0)).toBeNull();
    expect(sequence.press('r', 100)).toBe('g r');
  });

  test('pressed too late stand alone', () => {
    const sequence = keys();
    sequence.press('g', 0);
    expect(sequence.press('r', 5_000)).toBe('r');
  });

  test('that complete nothing forget the prefix', () => {
    const sequence = keys();
    sequence.press('g', 0);
    expect(sequence.press('x', 10)).toBeNull();
    expect(sequence.press('h', 20)).toBeNull();
  });

  test('a prefix pressed twice still counts', () => {
    const sequence = keys();
    sequence.press('g', 0);
    sequence.press('g', 10);
    expect(sequence.press('h', 20)).toBe('g h');
  });
});
