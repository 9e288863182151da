import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';

interface Hover {
  index: number | null;
  setIndex: (index: number | null) => void;
}

const HoverContext = createContext<Hover>({ index: null, setIndex: () => undefined });

/** Charts inside share one crosshair: what happened in the other pictures at this moment is the next question. */
export function SharedHover({ children }: { children: ReactNode }) {
  const [index, setIndex] = useState<number | null>(null);
  const value = useMemo(() => ({ index, setIndex }), [index]);
  return <HoverContext value={value}>{children}</HoverContext>;
}

export function useHover(): Hover {
  return useContext(HoverContext);
}
