import { useMemo } from 'react';
import type { CostDimension } from '../../api/cost_types.ts';
import { Amount } from '../../components/amount.tsx';
import { DataTable, type Column } from '../../components/data_table.tsx';
import { useNarrow } from '../../components/media.ts';
import '../../components/panel.css';
import { formatCost, formatCount, formatPercent } from '../../format/numbers.ts';
import type { StackRow, CostStack } from './cost_stack.ts';

interface Props {
  stack: CostStack;
  by: CostDimension;
  title: string;
  sort: string;
  onSort: (sort: string) => void;
  /** Narrows everything to one value. */
  onOnly: (value: string) => void;
}

const kCompactIds = ['label', 'cost', 'share'];

/** The rows of the chart in numbers, with their share and the total below. */
export function CostTable({ stack, title, sort, onSort, onOnly }: Props) {
  const isNarrow = useNarrow(720);
  const columns = useMemo(() => {
    const all = columnsFor(title, stack.total.cost_nano_usd, onOnly);
    return isNarrow ? all.filter(({ id }) => kCompactIds.includes(id)) : all;
  }, [title, stack.total.cost_nano_usd, onOnly, isNarrow]);
  const total: StackRow = { ...stack.total, value: '', label: 'Total', color: '' };
  return (
    <section className="panel" aria-labelledby="cost-table">
      <h2 id="cost-table">By {title.toLowerCase()}</h2>
      <DataTable
        label={`Cost by ${title.toLowerCase()}`}
        rows={stack.rows}
        columns={columns}
        rowId={(row) => row.value || '-'}
        sort={sort}
        onSort={onSort}
        totals={total}
      />
    </section>
  );
}

function columnsFor(title: string, total: number, onOnly: (value: string) => void): Column<StackRow>[] {
  const count = (id: string, header: string, read: (row: StackRow) => number): Column<StackRow> => ({
    id,
    header,
    width: '92px',
    align: 'right',
    sort: read,
    cell: (row) => <Amount of={formatCount(read(row))} />,
  });
  return [
    {
      id: 'label',
      header: title,
      width: 'minmax(150px, 2fr)',
      sort: (row) => row.label,
      cell: (row) => <Label row={row} onOnly={onOnly} />,
    },
    {
      id: 'cost',
      header: 'Cost',
      width: '100px',
      align: 'right',
      sort: (row) => row.cost_nano_usd,
      cell: (row) => <Amount of={formatCost(row.cost_nano_usd)} />,
    },
    {
      id: 'share',
      header: 'Share',
      width: 'minmax(110px, 1fr)',
      sort: (row) => row.cost_nano_usd,
      cell: (row) => <Share part={row.cost_nano_usd} whole={total} color={row.color} />,
    },
    count('requests', 'Requests', (row) => row.requests),
    count('errors', 'Errors', (row) => row.errors),
    count('input', 'Input tok', (row) => row.input_tokens),
    count('output', 'Output tok', (row) => row.output_tokens),
    {
      id: 'per_request',
      header: 'Per 1,000',
      width: '92px',
      align: 'right',
      sort: perThousand,
      cell: (row) => <Amount of={formatCost(perThousand(row))} />,
    },
    {
      id: 'saved',
      header: 'Saved',
      width: '88px',
      align: 'right',
      sort: (row) => row.saved_nano_usd,
      cell: (row) => <Amount of={formatCost(row.saved_nano_usd)} />,
    },
  ];
}

function perThousand({ cost_nano_usd: cost, requests }: StackRow): number {
  return requests > 0 ? (1000 * cost) / requests : 0;
}

function Label({ row, onOnly }: { row: StackRow; onOnly: (value: string) => void }) {
  if (row.color === '') return <b>{row.label}</b>;
  return (
    <span className="cost-label">
      <i style={{ background: `var(${row.color})` }} aria-hidden="true" />
      {row.value ? (
        <button
          type="button"
          className="clip"
          title="Show only this, and what makes it up"
          onClick={() => onOnly(row.value)}
        >
          {row.label}
        </button>
      ) : (
        <span className="faint">{row.label}</span>
      )}
    </span>
  );
}

function Share({ part, whole, color }: { part: number; whole: number; color: string }) {
  if (whole === 0) return <span className="faint">–</span>;
  return (
    <span className="cost-share">
      <i aria-hidden="true">
        {color && <i style={{ width: `${(100 * part) / whole}%`, background: `var(${color})` }} />}
      </i>
      <span className="num">
        <Amount of={formatPercent(part, whole)} />
      </span>
    </span>
  );
}
