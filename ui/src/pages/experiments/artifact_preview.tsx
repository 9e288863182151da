import { useMemo } from 'react';
import type { ArtifactFile } from '../../api/mlflow_types.ts';
import { artifactUrl, useArtifactText } from '../../api/tracking_queries.ts';
import { Failure, Loading } from '../../components/notice.tsx';
import { RawText } from '../../components/raw_text.tsx';
import '../../components/values.css';
import { artifactKind, separated, splitOriented, type Table } from './artifact_kind.ts';

/** What is read to be shown; more is for the download. */
const kPreviewBytesMax = 2_000_000;
const kRowsMax = 500;

export function ArtifactPreview({ runId, file }: { runId: string; file: ArtifactFile }) {
  const guess = artifactKind(file.path);
  const isReadable = (guess === 'text' || guess === 'table') && (file.file_size ?? 0) <= kPreviewBytesMax;
  const text = useArtifactText(runId, file.path, isReadable);
  if (guess === 'image') {
    return <img className="artifact-image" src={artifactUrl(runId, file.path)} alt={file.path} />;
  }
  if (guess === 'other') return <p className="soft">There is no preview of such a file.</p>;
  if (!isReadable) return <p className="soft">Too large for a preview (over 2 MB).</p>;
  if (text.error) return <Failure error={text.error} onRetry={() => void text.refetch()} />;
  if (text.isPending) return <Loading what={file.path} />;
  if (artifactKind(file.path, text.data) === 'table')
    return <TablePreview path={file.path} text={text.data} />;
  return <RawText text={text.data} label={file.path} />;
}

function TablePreview({ path, text }: { path: string; text: string }) {
  const { columns, rows } = useMemo<Table>(
    () => splitOriented(text) ?? separated(text, path.endsWith('.tsv') ? '\t' : ','),
    [path, text],
  );
  return (
    <div className="artifact-table" role="region" aria-label={`Table ${path}`} tabIndex={0}>
      <table className="values">
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={index} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, kRowsMax).map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > kRowsMax && (
        <p className="soft">
          {kRowsMax} of {rows.length.toLocaleString('en-US')} rows.
        </p>
      )}
    </div>
  );
}
