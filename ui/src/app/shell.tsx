import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Icon, type IconName } from '../components/icon.tsx';
import { matchPath } from '../router/match.ts';
import { Link, navigate, usePathname } from '../router/router.tsx';
import { CommandPalette } from './command_palette.tsx';
import { HealthIndicator } from './health_indicator.tsx';
import { HelpDialog } from './help_dialog.tsx';
import { MeMenu } from './me_menu.tsx';
import { usePages, type Page } from './pages.ts';
import { useShortcuts } from './shortcuts.ts';
import { nextTheme, setTheme, useTheme, type Theme } from './theme.ts';
import './shell.css';

const kThemeIcons: Record<Theme, IconName> = { system: 'system', light: 'sun', dark: 'moon' };

/** Navigation on the left, the page on the right, and what works on every page. */
export function Shell({ children }: { children: ReactNode }) {
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const pages = usePages();
  useShortcuts([
    ...pages.map((page) => ({
      keys: `g ${page.key}`,
      does: `Go to ${page.title}`,
      run: () => navigate(page.href),
    })),
    { keys: '?', does: 'Show the keyboard shortcuts', run: () => setHelpOpen(true) },
  ]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <nav className="nav" aria-label="Main">
        <Link href="/" className="nav-brand">
          <img src="/favicon.svg" alt="" width="22" height="22" />
          <span>Penstock</span>
        </Link>
        <button type="button" className="nav-search" onClick={() => setPaletteOpen(true)}>
          <Icon name="search" size={14} />
          <span>Search or jump</span>
          <kbd aria-hidden="true">Ctrl K</kbd>
        </button>
        <ul className="nav-pages">
          {pages.map((page) => (
            <NavItem key={page.href} page={page} />
          ))}
        </ul>
        <div className="nav-foot">
          <HealthIndicator />
          <MeMenu />
          <ThemeSwitch />
          <button type="button" className="nav-item" onClick={() => setHelpOpen(true)}>
            <Icon name="help" />
            <span>Help</span>
            <kbd aria-hidden="true">?</kbd>
          </button>
        </div>
      </nav>
      <main id="main" className="main" tabIndex={-1}>
        {children}
      </main>
      <CommandPalette open={isPaletteOpen} onOpenChange={setPaletteOpen} />
      <HelpDialog open={isHelpOpen} onOpenChange={setHelpOpen} />
    </div>
  );
}

function NavItem({ page }: { page: Page }) {
  const isCurrent = matchPath(page.pattern, usePathname()) !== null;
  const item = useRef<HTMLLIElement>(null);
  // On a phone the pages are a row that scrolls.
  useEffect(() => {
    if (isCurrent) item.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [isCurrent]);
  return (
    <li ref={item}>
      <Link
        href={page.href}
        className="nav-item"
        aria-current={isCurrent ? 'page' : undefined}
        title={page.title}
      >
        <Icon name={page.icon} />
        <span>{page.title}</span>
        <kbd aria-hidden="true">g {page.key}</kbd>
      </Link>
    </li>
  );
}

function ThemeSwitch() {
  const theme = useTheme();
  const next = nextTheme(theme);
  return (
    <button
      type="button"
      className="nav-item"
      aria-label={`Theme: ${theme}. Switch to ${next}`}
      title={`Switch to ${next}`}
      onClick={() => setTheme(next)}
    >
      <Icon name={kThemeIcons[theme]} />
      <span>Theme: {theme}</span>
    </button>
  );
}
