import { describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../api/access_types.ts';
import { actorName, changeWords, nameOf } from './audit_columns.tsx';

const record = (part: Partial<AuditRecord>) =>
  ({ actor: '', actor_name: '', object: 'key:Ab12', before: null, after: null, ...part }) as AuditRecord;

describe('an audit record in words', () => {
  test('says who, also where nobody had to say', () => {
    expect(actorName(record({ actor: 'user:1', actor_name: 'ada@acme.example' }))).toBe('ada@acme.example');
    expect(actorName(record({ actor: 'local' }))).toBe('local');
    expect(actorName(record({}))).toBe('anybody');
  });

  test('names the object where its document tells a name', () => {
    expect(nameOf(record({ after: { name: 'search-bot' } }))).toBe('key search-bot');
    expect(nameOf(record({ object: 'user:7', before: { name: '', email: 'a@b.c' } }))).toBe('user a@b.c');
    expect(nameOf(record({}))).toBeNull();
  });

  test('names each field that changed once', () => {
    const before = { limits: [{ amount: 1 }, { amount: 2 }], budget: null };
    const after = { limits: [{ amount: 3 }, { amount: 4 }], budget: { per: 'day' } };
    expect(changeWords(record({ before, after }))).toBe('limits, budget');
    expect(changeWords(record({ after }))).toBe('made');
    expect(changeWords(record({ before }))).toBe('deleted');
    expect(changeWords(record({ before, after: before }))).toBe('nothing');
  });
});
