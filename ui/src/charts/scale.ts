/** Geometry of the charts, apart from the drawing so that it can be tested. */

/** Round tick values from 0 to at least `max`: steps of 1, 2 or 5 times a power of ten (Heckbert, Graphics Gems, 1990). */
export function niceTicks(max: number, wanted: number): number[] {
  if (!(max > 0)) return [0];
  const step = niceStep(max / wanted);
  const count = Math.ceil(max / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Round ticks that lie within [min, max], about `wanted`; one where both are the same. */
export function ticksBetween(min: number, max: number, wanted: number): number[] {
  if (!(max > min)) return [min];
  const step = niceStep((0.75 * (max - min)) / wanted);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
}

/** An SVG path through the values; a null lifts the pen, and a lone value becomes a dot's worth of line. */
export function linePath(
  values: (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let penDown = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      penDown = false;
      continue;
    }
    const lone = !penDown && (values[index + 1] ?? null) === null;
    path += `${penDown ? 'L' : 'M'}${round(x(index))} ${round(y(value))}${lone ? 'h0.01' : ''}`;
    penDown = true;
  }
  return path;
}

/** Only the values without a neighbour, which a line alone would hardly show. */
export function loneValues(values: (number | null)[]): (number | null)[] {
  return values.map((value, index) => {
    const isLone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;
    return isLone ? value : null;
  });
}

/** Positions of about `wanted` labels along `count` points, away from both ends. */
export function labelIndexes(count: number, wanted: number): number[] {
  if (count < 2) return [];
  const step = count / wanted;
  return Array.from({ length: wanted }, (_, index) => Math.floor((index + 0.5) * step));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
