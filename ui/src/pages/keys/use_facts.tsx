import type { Use } from '../../api/access_types.ts';
import type { BudgetUsage } from '../../api/cost_types.ts';
import { Amount } from '../../components/amount.tsx';
import { BudgetBar, remainingOf } from '../../components/budget_bar.tsx';
import { Fact, FactNumber, FactNumbers } from '../../components/facts.tsx';
import { Time } from '../../components/time.tsx';
import { formatCost } from '../../format/numbers.ts';
import { periodWords } from './key_columns.tsx';
import { kPeriods, limitWords } from './use_draft.ts';

/** A budget's figures with its bar; says what is configured where nothing has been told of its use. */
export function BudgetFacts({ use, usage }: { use: Use; usage: BudgetUsage | undefined }) {
  if (!use.budget) return <p className="soft">No budget: only the groups above bound what is spent.</p>;
  const amount = (
    <FactNumber name="Budget">
      <Amount of={{ ...formatCost(use.budget.amount_nano_usd), unit: kPeriods[use.budget.per] }} />
    </FactNumber>
  );
  if (!usage)
    return (
      <>
        <FactNumbers>{amount}</FactNumbers>
        <p className="soft">The server has not told how much of it is spent.</p>
      </>
    );
  return (
    <div className="budget-facts">
      <FactNumbers>
        {amount}
        <FactNumber name={`Spent ${periodWords(usage)}`}>
          <Amount of={formatCost(usage.spent_nano_usd)} />
        </FactNumber>
        <FactNumber name="Reserved">
          <Amount of={formatCost(usage.reserved_nano_usd)} />
        </FactNumber>
        <FactNumber name="Remaining">
          <Amount of={formatCost(remainingOf(usage))} />
        </FactNumber>
      </FactNumbers>
      <BudgetBar budget={usage} period={periodWords(usage)} />
      {usage.period_ends_at_us !== null && usage.per !== 'total' && (
        <p className="soft">
          The next period begins <Time us={usage.period_ends_at_us} as="minute" />.
        </p>
      )}
    </div>
  );
}

export function UseFacts({ use }: { use: Use }) {
  return (
    <>
      <Fact name="Limits">
        {use.limits.length === 0 ? (
          <span className="faint">none</span>
        ) : (
          use.limits.map((limit) => (
            <span key={limitWords(limit)} className="tag">
              {limitWords(limit)}
            </span>
          ))
        )}
      </Fact>
      <Fact name="Models">
        <Names names={use.models} />
      </Fact>
      <Fact name="Endpoints">
        <Names names={use.endpoints} />
      </Fact>
    </>
  );
}

function Names({ names }: { names: string[] }) {
  if (names.length === 0) return <span className="faint">all</span>;
  return names.map((name) => (
    <span key={name} className="tag mono">
      {name}
    </span>
  ));
}
