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
