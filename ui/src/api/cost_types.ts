import type { Period } from './access_types.ts';

/** How a budget stands in its current period. */
export interface BudgetUsage {
  /** "key:<id>" or "group:<path>" */
  holder: string;
  amount_nano_usd: number;
  per: Period;
  spent_nano_usd: number;
  reserved_nano_usd: number;
  leased_elsewhere_nano_usd: number;
  remaining_nano_usd: number;
  period_starts_at_us: number;
  period_ends_at_us: number | null;
}

export type CostDimension = 'feature' | 'group' | 'key' | 'user' | 'route' | 'model' | 'upstream';
export type CostBucket = 'hour' | 'day' | 'month';

/** Sums over some requests. */
export interface CostSums {
  requests: number;
  errors: number;
  /** Had tokens and no price. */
  unpriced: number;
  input_tokens: number;
  output_tokens: number;
  cost_nano_usd: number;
  /** By the cache. */
  saved_nano_usd: number;
}

/** What was spent in one bucket under one value of the dimension. */
export interface CostRow extends CostSums {
  t_us: number;
  /** Empty: the requests had none. */
  value: string;
  /** Of a key: its name; else as `value`. */
  label: string;
}

export interface Cost {
  from_us: number;
  to_us: number;
  total: CostSums;
  /** By time, then by falling cost. */
  rows: CostRow[];
}
