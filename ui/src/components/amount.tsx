import type { Quantity } from '../format/numbers.ts';

export function Amount({ of: { value, unit } }: { of: Quantity }) {
  return (
    <>
      {value}
      {unit && <span className="unit">{unit}</span>}
    </>
  );
}
