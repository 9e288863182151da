import type { CostDimension, CostRow, CostSums } from '../src/api/cost_types.ts';
import { bucketsBetween, sumOf } from '../src/pages/cost/cost_stack.ts';
import type { ApiMock } from './mock_answer.ts';
import { seededRandom } from './mock_data.ts';

/** What the mock company spent: some values of each dimension, with a weekly rhythm. */

const kValues: Record<CostDimension, string[]> = {
  feature: ['support-bot', 'search', 'onboarding', 'summaries', 'evaluation', ''],
  group: ['acme/search', 'acme/support', 'acme/support/night', 'beta', ''],
  key: [
    'search-api',
    'support-bot',
    'search-reindex',
    'support-summaries',
    'trial-globex',
    'ci',
    'grafana',
    'batch-1',
    'batch-2',
    'batch-3',
  ],
  user: ['ada', 'grace', 'linus', 'barbara', ''],
  route: ['gpt-4o-mini', 'chat-long', 'smollm2-135m-instruct', 'all-minilm-l6-v2'],
  model: ['gpt-4o', 'gpt-4o-mini', 'smollm2-135m-instruct', 'all-minilm-l6-v2'],
  upstream: ['openai', 'azure', 'engine:smollm2-135m-instruct'],
};
const kHoursOf = { hour: 1, day: 24, month: 730 };

export function createCostMock(isEmpty: boolean): ApiMock {
  return (_method, path, query) => {
    if (path === '/api/v1/cost') return { status: 200, body: costOf(query, isEmpty) };
    if (path === '/api/v1/cost.csv') return { status: 200, body: 'bucket,value,requests,cost_usd' };
    return null;
  };
}

function costOf(query: URLSearchParams, isEmpty: boolean) {
  const by = (query.get('group_by') ?? 'feature') as CostDimension;
  const bucket = (query.get('bucket') ?? 'day') as keyof typeof kHoursOf;
  const [from, to] = [Number(query.get('from_us')), Number(query.get('to_us'))];
  const random = seededRandom(by.length * 31 + bucket.length);
  const rows = isEmpty
    ? []
    : bucketsBetween(from, to, bucket).flatMap((at) =>
        (kValues[by] ?? []).map((value, index): CostRow => {
          const weekday = new Date(at / 1000).getUTCDay();
          const rhythm = bucket === 'day' && (weekday === 0 || weekday === 6) ? 0.35 : 1;
          const share = (rhythm * (0.7 + 0.6 * random()) * kHoursOf[bucket]) / (index + 1.4);
          return { t_us: at, value, label: value || 'none', ...sumsOf(share) };
        }),
      );
  return { from_us: from, to_us: to, group_by: by, bucket, total: sumOf(rows), rows };
}

function sumsOf(share: number): CostSums {
  const requests = Math.round(share * 95);
  return {
    requests,
    errors: Math.round(requests * 0.008),
    unpriced: 0,
    input_tokens: requests * 812,
    output_tokens: requests * 164,
    cost_nano_usd: Math.round(share * 0.34e9),
    saved_nano_usd: Math.round(share * 0.021e9),
  };
}
