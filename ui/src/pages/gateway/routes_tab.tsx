import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useGateway } from '../../api/gateway_queries.ts';
import type { Gateway } from '../../api/gateway_types.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { DataTable } from '../../components/data_table.tsx';
import { useNarrow } from '../../components/media.ts';
import { Command, Empty, Failure, Loading } from '../../components/notice.tsx';
import { Split } from '../../components/split.tsx';
import { Time } from '../../components/time.tsx';
import { Link, navigate } from '../../router/router.tsx';
import { kCompactRouteColumns, kRouteColumns } from './route_columns.tsx';
import { RouteDetail } from './route_detail.tsx';
import { ratesBetween, rowsOf, type Look, type RouteRow } from './route_rows.ts';

/** Every route with its targets: what share each has, how it is, and what it did. */
export function RoutesTab({ openName }: { openName: string | null }) {
  const { data: gateway, error, isPending, refetch, dataUpdatedAt } = useGateway();
  const rates = useRates(gateway, dataUpdatedAt);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const isNarrow = useNarrow(720);
  const rows = useMemo(() => (gateway ? rowsOf(gateway, rates, folded) : []), [gateway, rates, folded]);
  const close = () => navigate('/gateway/routes');
  useShortcuts([{ keys: 'Escape', does: 'Close the route', run: close }]);
  const open = gateway?.routes.find(({ name }) => name === openName);
  const toggle = useCallback(
    (row: RouteRow, isOpen: boolean) =>
      setFolded((before) => {
        const next = new Set(before);
        if (isOpen) next.delete(row.route.name);
        else next.add(row.route.name);
        return next;
      }),
    [],
  );
  return (
    <Split detail={open && <RouteDetail key={open.name} route={open} onClose={close} />}>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {isPending && <Loading what="routes" />}
      {gateway?.routes.length === 0 && <NoRoutes />}
      {gateway && openName && !open && (
        <p className="tab-note" role="status">
          No route is named <b>{openName}</b> now.
        </p>
      )}
      {rows.length > 0 && (
        <DataTable
          label="Routes and targets"
          scroll
          rows={rows}
          columns={open || isNarrow ? kCompactRouteColumns : kRouteColumns}
          rowId={(row) => row.id}
          openId={openName}
          onOpen={(row) => navigate(`/gateway/routes/${encodeURIComponent(row.route.name)}`)}
          tree={{
            depth: (row) => (row.kind === 'route' ? 0 : 1),
            isOpen: (row) => (row.kind === 'route' ? row.isOpen : null),
            onToggle: toggle,
          }}
        />
      )}
      {gateway && (
        <p className="split-foot num">
          Counts are of this process, retries included · configuration in effect since{' '}
          <Time us={gateway.loaded_at_us} as="minute" />
        </p>
      )}
    </Split>
  );
}

/** Calls per second between the last two looks. */
function useRates(gateway: Gateway | undefined, atMs: number): ReadonlyMap<string, number> {
  const last = useRef<Look | null>(null);
  const [rates, setRates] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    if (!gateway || last.current?.atMs === atMs) return;
    const now = { atMs, gateway };
    setRates(ratesBetween(last.current, now));
    last.current = now;
  }, [gateway, atMs]);
  return rates;
}

function NoRoutes() {
  return (
    <Empty title="There are no routes yet">
      <p>
        A route is a model name that clients ask for, and the targets that answer it. Import a model, or write{' '}
        <code>providers</code> and <code>models</code> in the{' '}
        <Link href="/gateway/config">configuration</Link>.
      </p>
      <Command>penstock models import ./model.gguf</Command>
    </Empty>
  );
}
