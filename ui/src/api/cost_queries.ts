import { useQuery } from '@tanstack/react-query';
import { getJson } from './client.ts';
import type { BudgetUsage } from './cost_types.ts';

const kBudgetsEveryMs = 5_000;

export function useBudgets() {
  return useQuery({
    queryKey: ['budgets'],
    queryFn: async ({ signal }) =>
      (await getJson<{ budgets: BudgetUsage[] }>('/api/v1/budgets', signal)).budgets,
    refetchInterval: kBudgetsEveryMs,
  });
}
