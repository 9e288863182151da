import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import './split.css';

interface SplitProps {
  /** Beside the list; instead of it on a narrow window. */
  detail?: ReactNode;
  children: ReactNode;
}

/** A list that fills the page, and what is open of it. */
export function Split({ detail, children }: SplitProps) {
  return (
    <div className={`split ${detail ? 'split-open' : ''}`}>
      <div className="split-list">{children}</div>
      {detail}
    </div>
  );
}

interface DetailProps {
  label: string;
  bodyLabel: string;
  title: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** What is open: its name and actions on top, the rest scrolls. */
export function Detail({ label, bodyLabel, title, actions, onClose, children }: DetailProps) {
  return (
    <section className="detail" aria-label={label}>
      <header>
        {title}
        {actions}
        <IconButton icon="close" label="Close (Esc)" onClick={onClose} />
      </header>
      <div className="detail-body" tabIndex={0} role="region" aria-label={bodyLabel}>
        {children}
      </div>
    </section>
  );
}
