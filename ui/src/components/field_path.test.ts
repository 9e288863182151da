import { expect, test } from 'vitest';
import { isAt } from './field_path.ts';

test.each([
  ['limits', 'limits', true],
  ['limits[0].amount', 'limits', true],
  ['limits[0].amount', 'limits[0]', true],
  ['budget.amount_nano_usd', 'budget', true],
  ['limits_total', 'limits', false],
  ['limits', 'limits[0]', false],
  ['', 'limits', false],
])('the field %s is told at %s: %s', (field, name, expected) => expect(isAt(field, name)).toBe(expected));
