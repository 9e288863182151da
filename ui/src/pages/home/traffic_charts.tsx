import type { Stats } from '../../api/types.ts';
import { SharedHover } from '../../charts/hover.tsx';
import { TimeChart } from '../../charts/time_chart.tsx';
import { asText, formatCost, formatCount, formatDuration, significant } from '../../format/numbers.ts';

export function TrafficCharts({ stats }: { stats: Stats }) {
  const { series } = stats;
  const times = series.map((point) => point.t_us);
  const count = (value: number) => asText(formatCount(value));
  const duration = (value: number) => asText(formatDuration(value));
  const cost = (nanoUsd: number) => asText(formatCost(nanoUsd));
  const outputTokens = series.reduce((sum, point) => sum + point.output_tokens, 0);
  const inputTokens = series.reduce((sum, point) => sum + point.input_tokens, 0);
  return (
    <SharedHover>
      <div className="charts">
        <TimeChart
          title="Requests"
          kind="bars"
          times={times}
          series={[
            {
              name: 'answered',
              color: '--series-1',
              values: series.map((point) => point.requests - point.errors),
            },
            { name: 'errors', color: '--series-bad', values: series.map((point) => point.errors) },
          ]}
          format={count}
          formatTick={tickOf}
          headline={count(stats.requests)}
        />
        <TimeChart
          title="Time to first token"
          kind="lines"
          times={times}
          series={[
            { name: 'p95', color: '--series-2', values: series.map((point) => point.ttft_p95_ms) },
            { name: 'p50', color: '--series-1', values: series.map((point) => point.ttft_p50_ms) },
          ]}
          format={duration}
          formatTick={duration}
          headline={duration(stats.ttft_ms.p50 ?? 0)}
        />
        <TimeChart
          title="Tokens"
          kind="bars"
          times={times}
          series={[
            { name: 'output', color: '--series-1', values: series.map((point) => point.output_tokens) },
            { name: 'input', color: '--series-2', values: series.map((point) => point.input_tokens) },
          ]}
          format={count}
          formatTick={tickOf}
          headline={count(outputTokens + inputTokens)}
        />
        <TimeChart
          title="Cost"
          kind="bars"
          times={times}
          series={[{ name: 'cost', color: '--series-3', values: series.map((point) => point.cost_nano_usd) }]}
          format={cost}
          formatTick={cost}
          headline={cost(stats.cost_nano_usd)}
        />
      </div>
    </SharedHover>
  );
}

/** 1500 -> "1.5k": an axis has no room for more. */
function tickOf(value: number): string {
  if (value >= 1e6) return `${significant(value / 1e6).replace(/\.?0+$/, '')}M`;
  if (value >= 1e3) return `${significant(value / 1e3).replace(/\.0+$/, '')}k`;
  return String(Math.round(value * 100) / 100);
}
