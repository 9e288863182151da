import {
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
  type ColumnDef,
  type SortingState,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Icon } from './icon.tsx';
import './data_table.css';

export interface Column<Row> {
  id: string;
  header: string;
  /** A CSS grid track: '80px', 'minmax(120px, 1fr)'. */
  width: string;
  cell: (row: Row) => ReactNode;
  align?: 'right';
  /** Makes the column sortable; nulls go last whichever way. */
  sort?: (row: Row) => number | string | null;
}

interface Props<Row> {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  rowId: (row: Row) => string;
  onOpen?: (row: Row) => void;
  openId?: string | null;
  /** 'cost' ascends, '-cost' descends, '' is the order given. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Rows scroll inside and only the visible ones are drawn; otherwise the table is as tall as its rows. */
  scroll?: boolean;
  onReachEnd?: () => void;
  /** Told when the first row comes into or goes out of sight. */
  onAtTop?: (isAtTop: boolean) => void;
  /** A last line that sorting leaves where it is. */
  totals?: Row;
  rowTone?: (row: Row) => string;
  /** Rows are the visible nodes of a tree, parents first: left and right fold and unfold. */
  tree?: Tree<Row>;
}

export interface Tree<Row> {
  /** 0 for roots. */
  depth: (row: Row) => number;
  /** Null for a node without children. */
  isOpen: (row: Row) => boolean | null;
  onToggle: (row: Row, isOpen: boolean) => void;
}

const kRowHeight = 32;
const kIndent = 18;
const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

function useSortedRows<Row extends object>({ rows, columns, rowId, sort = '' }: Props<Row>) {
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: Row) => column.sort?.(row) ?? undefined,
        sortFn: 'basic' as const,
        sortUndefined: 'last' as const,
        enableSorting: column.sort !== undefined,
      })) as ColumnDef<typeof features, Row>[],
    [columns],
  );
  const sorting = useMemo<SortingState>(
    () => (sort ? [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }] : []),
    [sort],
  );
  const table = useTable({ features, columns: definitions, data: rows, getRowId: rowId, state: { sorting } });
  return table.getRowModel().rows.map((row) => row.original);
}

/** A dense grid of rows: arrows or j/k move, Enter opens, a header sorts. */
export function DataTable<Row extends object>(props: Props<Row>) {
  const {
    label,
    columns,
    rowId,
    onOpen,
    openId = null,
    scroll = false,
    onReachEnd,
    onAtTop,
    totals,
    rowTone,
    tree,
  } = props;
  const rows = useSortedRows(props);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => kRowHeight,
    overscan: 12,
    enabled: scroll,
  });
  const visible = scroll
    ? virtual.getVirtualItems().map(({ index, start }) => ({ index, start }))
    : rows.map((_, index) => ({ index, start: index * kRowHeight }));
  const lastVisible = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastVisible >= rows.length - 20) onReachEnd?.();
  }, [lastVisible, rows.length, onReachEnd]);
  const tracks = columns.map((column) => column.width).join(' ');
  const minWidth = columns.reduce((sum, column) => sum + Number(/\d+/.exec(column.width)?.[0] ?? 0), 0);
  const focusRow = (index: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    if (scroll) virtual.scrollToIndex(target);
    requestAnimationFrame(() =>
      frame.current
        ?.querySelector<HTMLElement>(`[data-index="${target}"]`)
        ?.focus({ preventScroll: !scroll }),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!tree || !fold(event, rows, tree, focusRow)) moveOrOpen(event, rows, focusRow, onOpen);
  };
  const openIndex = openId === null ? -1 : rows.findIndex((row) => rowId(row) === openId);
  const tabIndexRow = openIndex >= 0 ? openIndex : (visible[0]?.index ?? 0);
  return (
    <div
      ref={frame}
      className={`table ${scroll ? 'table-scroll' : ''} ${onOpen ? 'table-open' : ''}`}
      role={tree ? 'treegrid' : 'grid'}
      aria-label={label}
      aria-rowcount={rows.length + (totals ? 2 : 1)}
      onKeyDown={onKeyDown}
      onScroll={onAtTop && ((event) => onAtTop(event.currentTarget.scrollTop < kRowHeight))}
    >
      <Header {...props} tracks={tracks} minWidth={minWidth} />
      <div
        role="rowgroup"
        className="table-body"
        style={{ minWidth, height: scroll ? virtual.getTotalSize() : undefined }}
      >
        {visible.map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const isOpen = index === openIndex;
          return (
            <div
              key={rowId(row)}
              role="row"
              data-index={index}
              data-tone={rowTone?.(row)}
              aria-rowindex={index + 2}
              aria-selected={isOpen}
              aria-level={tree && tree.depth(row) + 1}
              aria-expanded={tree?.isOpen(row) ?? undefined}
              tabIndex={index === tabIndexRow ? 0 : -1}
              className="table-row"
              style={{ gridTemplateColumns: tracks, ...(scroll && { transform: `translateY(${start}px)` }) }}
              onClick={(event) => {
                if (!(event.target as HTMLElement).closest('a,button,label,input')) onOpen?.(row);
              }}
            >
              <Cells row={row} columns={columns} tree={tree} />
            </div>
          );
        })}
      </div>
      {totals && (
        <div role="rowgroup" className="table-totals" style={{ minWidth }}>
          <div
            role="row"
            className="table-row"
            aria-rowindex={rows.length + 2}
            style={{ gridTemplateColumns: tracks }}
          >
            <Cells row={totals} columns={columns} />
          </div>
        </div>
      )}
    </div>
  );
}

function Cells<Row>({
  row,
  columns,
  tree,
}: {
  row: Row;
  columns: Column<Row>[];
  tree?: Tree<Row> | undefined;
}) {
  return columns.map((column) => (
    <div key={column.id} role="gridcell" className={`clip ${column.align === 'right' ? 'num' : ''}`}>
      {tree && column === columns[0] ? <Branch tree={tree} row={row} /> : null}
      {column.cell(row)}
    </div>
  ));
}

function Header<Row extends object>({
  columns,
  sort = '',
  onSort,
  tracks,
  minWidth,
}: Props<Row> & { tracks: string; minWidth: number }) {
  const sorted = sort.replace(/^-/, '');
  const next = (id: string) => (sorted !== id ? `-${id}` : sort.startsWith('-') ? id : '');
  return (
    <div role="rowgroup" className="table-head" style={{ minWidth }}>
      <div role="row" aria-rowindex={1} style={{ gridTemplateColumns: tracks }}>
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={column.align === 'right' ? 'num' : 'clip'}
            aria-sort={sorted !== column.id ? undefined : sort.startsWith('-') ? 'descending' : 'ascending'}
          >
            {column.sort && onSort ? (
              <button type="button" onClick={() => onSort(next(column.id))}>
                {column.header}
                <span aria-hidden="true">
                  {sorted !== column.id ? '' : sort.startsWith('-') ? ' ↓' : ' ↑'}
                </span>
              </button>
            ) : (
              column.header
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The indent of a node and the button that folds it. */
function Branch<Row>({ tree, row }: { tree: Tree<Row>; row: Row }) {
  const isOpen = tree.isOpen(row);
  const style = { marginLeft: tree.depth(row) * kIndent };
  if (isOpen === null) return <span className="table-twig" style={style} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      className="table-twig"
      style={style}
      aria-label={isOpen ? 'Fold' : 'Unfold'}
      data-open={isOpen}
      onClick={() => tree.onToggle(row, !isOpen)}
    >
      <Icon name="chevron" size={12} />
    </button>
  );
}

/** Left folds, or goes to the parent; right unfolds, or goes to the first child (WAI-ARIA, treegrid pattern). */
function fold<Row>(
  event: KeyboardEvent,
  rows: Row[],
  tree: Tree<Row>,
  focusRow: (index: number) => void,
): boolean {
  const element = event.target as HTMLElement;
  const index = Number(element.dataset.index);
  const row = rows[index];
  if (!row || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return false;
  event.preventDefault();
  const isOpen = tree.isOpen(row);
  if (event.key === 'ArrowRight') {
    if (isOpen === false) tree.onToggle(row, true);
    else if (isOpen) focusRow(index + 1);
  } else if (isOpen) tree.onToggle(row, false);
  else focusRow(parentIndex(rows, index, tree.depth));
  return true;
}

function parentIndex<Row>(rows: Row[], index: number, depth: (row: Row) => number): number {
  const own = rows[index];
  if (!own) return index;
  const parent = rows.slice(0, index).findLastIndex((row) => depth(row) < depth(own));
  return parent < 0 ? index : parent;
}

function moveOrOpen<Row>(
  event: KeyboardEvent,
  rows: Row[],
  focusRow: (index: number) => void,
  onOpen?: (row: Row) => void,
): void {
  const element = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
  if (!element || event.target !== element) return;
  const index = Number(element.dataset.index);
  const moves: Record<string, number> = {
    ArrowDown: index + 1,
    j: index + 1,
    ArrowUp: index - 1,
    k: index - 1,
    PageDown: index + 15,
    PageUp: index - 15,
    Home: 0,
    End: rows.length - 1,
  };
  const target = moves[event.key];
  const row = rows[index];
  if (target !== undefined) focusRow(target);
  else if (event.key === 'Enter' && row && onOpen) onOpen(row);
  else return;
  event.preventDefault();
}
