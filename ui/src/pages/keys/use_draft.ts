import type { Budget, Limit, LimitKind, Period, Use } from '../../api/access_types.ts';
import { ApiError } from '../../api/client.ts';
import { parseUsd, usdText } from '../../format/money.ts';

/** Limits, budget and scopes while they are typed. */
export interface UseDraft {
  limits: LimitDraft[];
  budgetUsd: string;
  budgetPer: Period;
  /** One a line, or separated by commas. */
  models: string;
  endpoints: string;
}

export interface LimitDraft {
  kind: LimitKind;
  amount: string;
  per_s: number;
}

export const kLimitKinds: Record<LimitKind, string> = {
  requests: 'requests',
  tokens: 'tokens',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
  concurrent: 'calls at once',
};

export const kPeriods: Record<Period, string> = {
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  total: 'in all',
};

const kWindows: [number, string][] = [
  [1, 'a second'],
  [60, 'a minute'],
  [3600, 'an hour'],
  [86_400, 'a day'],
];

/** "a minute", "every 90 s" */
export function windowName(perS: number): string {
  return kWindows.find(([seconds]) => seconds === perS)?.[1] ?? `every ${perS} s`;
}

/** The usual windows, and the one that is in force. */
export function windowOptions(perS: number): { value: string; label: string }[] {
  const windows = kWindows.some(([seconds]) => seconds === perS)
    ? kWindows
    : [...kWindows, [perS, windowName(perS)] as [number, string]];
  return windows.map(([seconds, label]) => ({ value: String(seconds), label }));
}

export function limitWords({ kind, amount, per_s: perS }: Limit): string {
  const count = amount.toLocaleString('en-US');
  return kind === 'concurrent'
    ? `${count} ${kLimitKinds[kind]}`
    : `${count} ${kLimitKinds[kind]} ${windowName(perS)}`;
}

export const kEmptyUse: UseDraft = {
  limits: [],
  budgetUsd: '',
  budgetPer: 'month',
  models: '',
  endpoints: '',
};

export function draftOf(use: Use): UseDraft {
  return {
    limits: use.limits.map((limit) => ({ ...limit, amount: String(limit.amount) })),
    budgetUsd: use.budget ? usdText(use.budget.amount_nano_usd) : '',
    budgetPer: use.budget?.per ?? 'month',
    models: use.models.join('\n'),
    endpoints: use.endpoints.join('\n'),
  };
}

/** What the server takes. Throws ApiError naming the field as the server would. */
export function useOf(draft: UseDraft): Use {
  return {
    limits: draft.limits.map(limitOf),
    budget: budgetOf(draft),
    models: listOf(draft.models),
    endpoints: listOf(draft.endpoints),
  };
}

/** "500k", "2M", "1,000" are counts, too. */
export function parseAmount(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kKmMgG]?)$/.exec(text.trim().replaceAll(',', ''));
  if (!match) return null;
  const factor = { '': 1, k: 1e3, m: 1e6, g: 1e9 }[(match[2] ?? '').toLowerCase()] ?? 1;
  const amount = Math.round(Number(match[1]) * factor * 1e6) / 1e6;
  return Number.isInteger(amount) && amount >= 1 ? amount : null;
}

function limitOf({ kind, amount, per_s }: LimitDraft, index: number): Limit {
  const parsed = parseAmount(amount);
  if (parsed === null)
    throw invalid(`limits[${index}].amount`, 'A limit is a whole number from 1: 60, 500k, 2M.');
  return { kind, amount: parsed, per_s: kind === 'concurrent' ? 0 : per_s };
}

function budgetOf({ budgetUsd, budgetPer }: UseDraft): Budget | null {
  if (budgetUsd.trim() === '') return null;
  const amount = parseUsd(budgetUsd);
  if (amount === null)
    throw invalid('budget.amount_nano_usd', 'A budget is an amount in US dollars: 250 or 0.5.');
  return { amount_nano_usd: amount, per: budgetPer };
}

function listOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((item) => item.trim())
    .filter(Boolean);
}

function invalid(field: string, message: string): ApiError {
  return new ApiError(0, 'invalid_argument', message, field);
}

/** Only what differs, so that what somebody else changed meanwhile stays. */
export function changesOf<T extends object>(before: T, after: Partial<T>): Partial<T> {
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof T]),
  );
  return Object.fromEntries(changed) as Partial<T>;
}
