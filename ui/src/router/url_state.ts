import { useCallback, useMemo } from 'react';
import { patchSearch, type SearchPatch } from './match.ts';
import { navigate, useSearch } from './router.tsx';

/** The page's query parameters, and a setter that changes some of them in place (no history entry per keystroke). */
export function useUrlState(): [URLSearchParams, (patch: SearchPatch) => void] {
  const search = useSearch();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const set = useCallback((patch: SearchPatch) => {
    navigate(location.pathname + patchSearch(location.search, patch), 'replace');
  }, []);
  return [parameters, set];
}
