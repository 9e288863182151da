import type { RequestSummary } from '../../api/types.ts';
import { DataTable } from '../../components/data_table.tsx';
import { Empty } from '../../components/notice.tsx';
import { navigate } from '../../router/router.tsx';
import { kRequestColumns } from '../requests/request_columns.tsx';

export function LatestRequests({ requests }: { requests: RequestSummary[] }) {
  if (requests.length === 0) {
    return (
      <Empty title="Nothing yet">
        <p>Each answered request appears here within a moment.</p>
      </Empty>
    );
  }
  return (
    <DataTable
      label="Latest requests"
      rows={requests}
      columns={kRequestColumns}
      rowId={(request) => request.id}
      onOpen={(request) => navigate(`/requests/${request.id}`)}
    />
  );
}
