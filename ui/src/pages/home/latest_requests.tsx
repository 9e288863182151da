import type { RequestSummary } from '../../api/types.ts';
import { DataTable } from '../../components/data_table.tsx';
import { useNarrow } from '../../components/media.ts';
import { navigate } from '../../router/router.tsx';
import { kCompactRequestColumns, kRequestColumns } from '../requests/request_columns.tsx';

export function LatestRequests({ requests }: { requests: RequestSummary[] }) {
  const isNarrow = useNarrow(720);
  return (
    <DataTable
      label="Latest requests"
      rows={requests}
      columns={isNarrow ? kCompactRequestColumns : kRequestColumns}
      rowId={(request) => request.id}
      onOpen={(request) => navigate(`/requests/${request.id}`)}
    />
  );
}
