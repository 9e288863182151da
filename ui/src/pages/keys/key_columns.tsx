import type { KeyView, Use } from '../../api/access_types.ts';
import type { BudgetUsage } from '../../api/cost_types.ts';
import { Amount } from '../../components/amount.tsx';
import { BudgetBar, remainingOf } from '../../components/budget_bar.tsx';
import type { Column } from '../../components/data_table.tsx';
import { Icon } from '../../components/icon.tsx';
import { Badge } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatCost, formatCount, kNothing } from '../../format/numbers.ts';
import { Link } from '../../router/router.tsx';
import { hrefOf, type TreeNode } from './key_tree.ts';
import { kPeriods, limitWords } from './use_draft.ts';

/** Budgets by holder. */
export type Usage = ReadonlyMap<string, BudgetUsage>;

export function useOfNode(node: TreeNode): (Use & { source: string }) | null {
  return node.kind === 'key' ? node.view.key : node.group;
}

export function treeColumns(usage: Usage): Column<TreeNode>[] {
  const budgetOf = (node: TreeNode) => usage.get(node.id);
  return [
    { id: 'name', header: 'Group or key', width: 'minmax(240px, 2fr)', cell: (node) => <Name node={node} /> },
    {
      id: 'budget',
      header: 'Budget',
      width: '112px',
      align: 'right',
      cell: (node) => <BudgetCell use={useOfNode(node)} />,
    },
    {
      id: 'bar',
      header: 'Spent and reserved',
      width: 'minmax(120px, 1fr)',
      cell: (node) => {
        const budget = budgetOf(node);
        return budget && <BudgetBar budget={budget} period={periodWords(budget)} />;
      },
    },
    {
      id: 'spent',
      header: 'Spent',
      width: '84px',
      align: 'right',
      cell: (node) => <Amount of={formatCost(budgetOf(node)?.spent_nano_usd ?? null)} />,
    },
    {
      id: 'remaining',
      header: 'Remaining',
      width: '88px',
      align: 'right',
      cell: (node) => {
        const budget = budgetOf(node);
        return <Amount of={budget ? formatCost(remainingOf(budget)) : kNothing} />;
      },
    },
    {
      id: 'limits',
      header: 'Limits',
      width: 'minmax(120px, 1.1fr)',
      cell: (node) => {
        const words = (useOfNode(node)?.limits ?? []).map(limitWords).join(', ');
        return <span title={words}>{words || '–'}</span>;
      },
    },
    {
      id: 'models',
      header: 'Models',
      width: 'minmax(84px, 0.8fr)',
      cell: (node) => {
        const models = useOfNode(node)?.models.join(', ');
        return <span title={models}>{models || <span className="faint">all</span>}</span>;
      },
    },
    {
      id: 'expires',
      header: 'Expires',
      width: '100px',
      cell: (node) => (node.kind === 'key' ? <Expiry view={node.view} /> : ''),
    },
  ];
}

const kCompactIds = ['name', 'bar', 'spent', 'remaining'];

/** What fits beside an open key, and on a narrow window. */
export function compactTreeColumns(usage: Usage, isNarrow: boolean): Column<TreeNode>[] {
  return treeColumns(usage)
    .filter(({ id }) => kCompactIds.includes(id) && !(isNarrow && id === 'spent'))
    .map((column) => (column.id === 'name' ? { ...column, width: 'minmax(150px, 2fr)' } : column))
    .map((column) => (column.id === 'bar' ? { ...column, width: 'minmax(60px, 1fr)' } : column));
}

function Name({ node }: { node: TreeNode }) {
  return (
    <span className="key-name">
      <Icon name={node.kind === 'key' ? 'key' : 'group'} size={14} />
      <Link href={`${hrefOf(node)}${location.search}`} tabIndex={-1} className="clip">
        {node.kind === 'group' ? <b>{node.name}</b> : node.name}
      </Link>
      {node.kind === 'group' && (
        <span className="faint">
          {formatCount(node.keys).value} {node.keys === 1 ? 'key' : 'keys'}
        </span>
      )}
      {node.kind === 'key' && node.view.status !== 'active' && <KeyStatusBadge view={node.view} />}
      {useOfNode(node)?.source === 'config' && (
        <Badge tone="calm" title="Stands in penstock.yaml and is changed there">
          yaml
        </Badge>
      )}
    </span>
  );
}

export function KeyStatusBadge({ view }: { view: KeyView }) {
  const tone = view.status === 'active' ? 'good' : view.status === 'expired' ? 'warn' : 'bad';
  return <Badge tone={tone}>{view.status}</Badge>;
}

function BudgetCell({ use }: { use: Use | null }) {
  if (!use?.budget) return <span className="faint">–</span>;
  return <Amount of={{ ...formatCost(use.budget.amount_nano_usd), unit: kPeriods[use.budget.per] }} />;
}

function Expiry({ view }: { view: KeyView }) {
  const { expires_at_us: expires } = view.key;
  return expires === null ? <span className="faint">never</span> : <Time us={expires} as="day" />;
}

/** "this month" */
export function periodWords({ per }: { per: BudgetUsage['per'] }): string {
  if (per === 'total') return 'in all';
  return per === 'day' ? 'today' : `this ${per}`;
}
