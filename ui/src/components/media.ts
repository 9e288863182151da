import { useSyncExternalStore } from 'react';

/** Whether the window is at most this wide. The widths are those of the style sheets. */
export function useNarrow(widthMaxPx: number): boolean {
  const query = `(max-width: ${widthMaxPx}px)`;
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}
