import { useState } from 'react';
import type { ArtifactFile } from '../../api/mlflow_types.ts';
import { artifactUrl, useArtifacts } from '../../api/tracking_queries.ts';
import { Amount } from '../../components/amount.tsx';
import { Icon } from '../../components/icon.tsx';
import { Failure, Loading } from '../../components/notice.tsx';
import { formatBytes } from '../../format/numbers.ts';
import { ArtifactPreview } from './artifact_preview.tsx';

/** The files of a run as a tree that is read as it is unfolded, and a preview of the one that is open. */
export function ArtifactBrowser({ runId }: { runId: string }) {
  const [open, setOpen] = useState<ArtifactFile | null>(null);
  return (
    <div className="artifacts">
      <Folder runId={runId} path="" openPath={open?.path ?? null} onOpen={setOpen} />
      {open && (
        <section className="artifact" aria-label={open.path}>
          <header>
            <span className="clip mono">{open.path}</span>
            <a href={artifactUrl(runId, open.path)} download>
              <Icon name="download" size={14} /> Download
            </a>
          </header>
          <ArtifactPreview key={open.path} runId={runId} file={open} />
        </section>
      )}
    </div>
  );
}

interface FolderProps {
  runId: string;
  path: string;
  openPath: string | null;
  onOpen: (file: ArtifactFile) => void;
}

function Folder({ runId, path, openPath, onOpen }: FolderProps) {
  const list = useArtifacts(runId, path);
  if (list.error) return <Failure error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading what="artifacts" />;
  const files = list.data.files ?? [];
  if (files.length === 0)
    return <p className="soft">{path ? 'Empty.' : 'This run has logged no artifact.'}</p>;
  return (
    <ul className="artifact-list">
      {files.map((file) => (
        <li key={file.path}>
          {file.is_dir ? (
            <SubFolder runId={runId} path={file.path} openPath={openPath} onOpen={onOpen} />
          ) : (
            <button
              type="button"
              className="artifact-file"
              aria-pressed={file.path === openPath}
              onClick={() => onOpen(file)}
            >
              <span className="clip">{nameOf(file.path)}</span>
              <span className="num soft">
                <Amount of={formatBytes(file.file_size ?? null)} />
              </span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function SubFolder(props: FolderProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="artifact-file"
        aria-expanded={isOpen}
        onClick={() => setOpen((before) => !before)}
      >
        <Icon name="group" size={13} />
        <span className="clip">{nameOf(props.path)}/</span>
      </button>
      {isOpen && <Folder {...props} />}
    </>
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
