import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Component, Suspense, useEffect, type ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { useRefused } from '../api/credentials.ts';
import { Empty, Failure, Loading } from '../components/notice.tsx';
import { matchPath } from '../router/match.ts';
import { Link, usePathname } from '../router/router.tsx';
import { LoginPage } from './login_page.tsx';
import { kPages } from './pages.ts';
import { Shell } from './shell.tsx';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A server that said no will say no again; one that is unreachable may be starting.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400),
      staleTime: 2_000,
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Door />
    </QueryClientProvider>
  );
}

/** The product, or the way in while the server refuses. */
function Door() {
  if (useRefused()) return <LoginPage />;
  return (
    <Shell>
      <CurrentPage />
    </Shell>
  );
}

function CurrentPage() {
  const path = usePathname();
  const match = kPages.flatMap((page) => {
    const parameters = matchPath(page.pattern, path);
    return parameters ? [{ page, parameters }] : [];
  })[0];
  const title = match?.page.title ?? 'Not found';
  useEffect(() => {
    document.title = `${title} · Penstock`;
  }, [title]);
  if (!match) return <NotFound path={path} />;
  const { page, parameters } = match;
  return (
    <Boundary key={page.pattern}>
      <Suspense fallback={<Loading what={page.title} />}>
        <page.component parameters={parameters} />
      </Suspense>
    </Boundary>
  );
}

function NotFound({ path }: { path: string }) {
  return (
    <>
      <header className="page-bar">
        <h1>Not found</h1>
      </header>
      <Empty title="There is no such page">
        <p>
          Nothing is at <code>{path}</code>. <Link href="/">Go home</Link>, or press <kbd>Ctrl K</kbd>.
        </p>
      </Empty>
    </>
  );
}

/**
 * Keeps the navigation alive when a page has a bug, and shows the bug. Trying again loads the page anew, since the
 * commonest reason is a server that was replaced by another version, whose files have other names.
 */
class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="page-content">
        <Failure error={this.state.error} onRetry={() => location.reload()} />
      </div>
    );
  }
}
