import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react';

/** History routing in one page: the URL is the only state, so that every view can be linked and Back works. */

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

export function navigate(to: string, mode: 'push' | 'replace' = 'push'): void {
  if (to === location.pathname + location.search) return;
  if (mode === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  for (const listener of [...listeners]) listener();
}

export function usePathname(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

export function useSearch(): string {
  return useSyncExternalStore(subscribe, () => location.search);
}

/** A real anchor (it opens in a new tab, it can be copied) that changes the page without loading it. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || event.defaultPrevented) return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
