import type { CostSums } from '../../api/cost_types.ts';
import { Amount } from '../../components/amount.tsx';
import { FactNumber, FactNumbers } from '../../components/facts.tsx';
import { formatCost, formatCount, formatPercent, kNothing, type Quantity } from '../../format/numbers.ts';

export function CostFigures({ total }: { total: CostSums }) {
  const isPriced = total.unpriced < total.requests || total.cost_nano_usd > 0;
  const perThousand: Quantity =
    total.requests > 0
      ? { ...formatCost((1000 * total.cost_nano_usd) / total.requests), unit: 'per 1,000' }
      : kNothing;
  const shareSaved = formatPercent(total.saved_nano_usd, total.saved_nano_usd + total.cost_nano_usd);
  return (
    <div className="cost-figures">
      <FactNumbers>
        <FactNumber name="Cost">
          <Amount
            of={isPriced ? formatCost(total.cost_nano_usd) : { value: '—', unit: 'no prices configured' }}
          />
        </FactNumber>
        <FactNumber name="Requests">
          <Amount of={formatCount(total.requests)} />
        </FactNumber>
        <FactNumber name="Average cost">
          <Amount of={isPriced ? perThousand : kNothing} />
        </FactNumber>
        <FactNumber name="Input tokens">
          <Amount of={formatCount(total.input_tokens)} />
        </FactNumber>
        <FactNumber name="Output tokens">
          <Amount of={formatCount(total.output_tokens)} />
        </FactNumber>
        <FactNumber name="Saved by the cache">
          <Amount of={formatCost(total.saved_nano_usd)} />
          {total.saved_nano_usd > 0 && <span className="unit">{shareSaved.value} %</span>}
        </FactNumber>
      </FactNumbers>
      {total.unpriced > 0 && (
        <p className="cost-unpriced" role="status">
          {formatCount(total.unpriced).value} {total.unpriced === 1 ? 'request has' : 'requests have'} no
          price and {total.unpriced === 1 ? 'is' : 'are'} not in these sums. Set <code>prices</code>, so that
          they are priced from now on.
        </p>
      )}
    </div>
  );
}
