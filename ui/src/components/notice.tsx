import { ApiError } from '../api/client.ts';
import { Button } from './button.tsx';
import { CopyButton } from './copy_button.tsx';
import './notice.css';

/** What to say where there is nothing: why, and the next command or step. */
export function Empty({ title, children }: { title: string; children?: React.ReactNode }) {
  return (
    <div className="notice">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Command({ children }: { children: string }) {
  return (
    <div className="command">
      <pre tabIndex={0} aria-label="Command">
        {children}
      </pre>
      <CopyButton text={children} label="Copy the command" />
    </div>
  );
}

/** An error in full: nobody should have to open the developer tools to learn what the server said. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="failure" role="alert">
      <div className="failure-head">
        <strong>{known ? known.code : 'error'}</strong>
        {known !== null && known.status >= 400 && <span className="faint">HTTP {known.status}</span>}
        {known?.field && <span className="faint">field {known.field}</span>}
      </div>
      <p>{message}</p>
      {onRetry && (
        <Button icon="redo" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      Loading {what}…
    </div>
  );
}
