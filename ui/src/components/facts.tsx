import type { ReactNode } from 'react';
import './facts.css';

/** Figures of one thing, side by side. */
export function FactNumbers({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <dl className="facts-numbers" title={title}>
      {children}
    </dl>
  );
}

export function FactNumber({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

/** What is known of one thing, a line each. */
export function FactList({ children }: { children: ReactNode }) {
  return <dl className="facts-list">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="facts-title">{title}</h3>
      {children}
    </section>
  );
}
