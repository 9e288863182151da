import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getJson } from './client.ts';
import type { BudgetUsage, Cost, CostBucket, CostDimension } from './cost_types.ts';

const kBudgetsEveryMs = 5_000;

export function useBudgets() {
  return useQuery({
    queryKey: ['budgets'],
    queryFn: async ({ signal }) =>
      (await getJson<{ budgets: BudgetUsage[] }>('/api/v1/budgets', signal)).budgets,
    refetchInterval: kBudgetsEveryMs,
  });
}

/** Only what has these values; a group stands for all below it. */
export type CostFilters = Partial<Record<CostDimension, string>>;

export interface CostWindow {
  fromUs: number;
  toUs: number;
  bucket: CostBucket;
}

export function costQuery(window: CostWindow, by: CostDimension, only: CostFilters): string {
  const query = new URLSearchParams({
    from_us: String(window.fromUs),
    to_us: String(window.toUs),
    group_by: by,
    bucket: window.bucket,
  });
  for (const [name, value] of Object.entries(only)) if (value) query.set(name, value);
  return query.toString();
}

export function useCost(query: string) {
  return useQuery({
    queryKey: ['cost', query],
    queryFn: ({ signal }) => getJson<Cost>(`/api/v1/cost?${query}`, signal),
    placeholderData: keepPreviousData,
  });
}
