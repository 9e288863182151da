import { Link } from '../router/router.tsx';
import './page_tabs.css';

interface Props {
  label: string;
  /** "/users": a tab stands at "/users/<name>". */
  base: string;
  tabs: { name: string; title: string }[];
  current: string;
}

/** Parts of one page, each with its own address, in the page's bar. */
export function PageTabs({ label, base, tabs, current }: Props) {
  return (
    <nav className="page-tabs" aria-label={label}>
      {tabs.map(({ name, title }) => (
        <Link key={name} href={`${base}/${name}`} aria-current={name === current ? 'page' : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
