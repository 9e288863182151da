import { asText, formatCost } from '../format/numbers.ts';
import './budget_bar.css';

export interface BudgetState {
  amount_nano_usd: number;
  spent_nano_usd: number;
  reserved_nano_usd: number;
  /** Leased to other gateways and not spent there. */
  leased_elsewhere_nano_usd?: number;
}

const kWarnFrom = 0.8;

/** What of a budget is spent, reserved by calls in progress, and left. Its words are its accessible name. */
export function BudgetBar({ budget, period }: { budget: BudgetState; period: string }) {
  const { amount_nano_usd: amount, spent_nano_usd: spent, reserved_nano_usd: reserved } = budget;
  const elsewhere = budget.leased_elsewhere_nano_usd ?? 0;
  const used = amount > 0 ? spent / amount : 1;
  const tone = used >= 1 ? 'bad' : used >= kWarnFrom ? 'warn' : 'good';
  const width = (part: number) => `${amount > 0 ? Math.min(100, (100 * part) / amount) : 0}%`;
  return (
    <span
      className="budget-bar"
      role="img"
      aria-label={budgetWords(budget, period)}
      title={budgetWords(budget, period)}
    >
      <i className={`budget-${tone}`} style={{ width: amount > 0 ? width(spent) : '100%' }} />
      <i className="budget-reserved" style={{ width: width(reserved) }} />
      <i className="budget-elsewhere" style={{ width: width(elsewhere) }} />
    </span>
  );
}

export function remainingOf(budget: BudgetState): number {
  const { amount_nano_usd: amount, spent_nano_usd: spent, reserved_nano_usd: reserved } = budget;
  return Math.max(0, amount - spent - reserved);
}

export function budgetWords(budget: BudgetState, period: string): string {
  const cost = (nanoUsd: number) => asText(formatCost(nanoUsd));
  const parts = [`${cost(budget.spent_nano_usd)} of ${cost(budget.amount_nano_usd)} spent ${period}`];
  if (budget.reserved_nano_usd > 0)
    parts.push(`${cost(budget.reserved_nano_usd)} reserved by calls in progress`);
  if (budget.leased_elsewhere_nano_usd)
    parts.push(`${cost(budget.leased_elsewhere_nano_usd)} leased to other gateways`);
  parts.push(`${cost(remainingOf(budget))} remaining`);
  return parts.join(', ');
}
