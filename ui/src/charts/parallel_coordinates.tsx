import { useMemo } from 'react';
import { useWidth } from './width.ts';
import './parallel_coordinates.css';

export interface Axis {
  name: string;
  /** A value of each row, in their order: a number, a category, or null where it has none. */
  values: (number | string | null)[];
}

export interface Row {
  id: string;
  name: string;
  color: string;
}

interface Props {
  label: string;
  axes: Axis[];
  rows: Row[];
  formatNumber: (value: number) => string;
  onOpen?: (id: string) => void;
}

const kHeight = 260;
const kTop = 34;
const kBottom = 22;
const kSide = 64;

/** Each row is a line across all axes: numbers by size, categories by name; a row without a value ends there. */
export function ParallelCoordinates({ label, axes, rows, formatNumber, onOpen }: Props) {
  const [frame, width] = useWidth();
  const scales = useMemo(() => axes.map((axis) => scaleOf(axis.values, formatNumber)), [axes, formatNumber]);
  const x = (index: number) =>
    axes.length === 1 ? width / 2 : kSide + (index * (width - 2 * kSide)) / (axes.length - 1);
  const y = (share: number) => kTop + (1 - share) * (kHeight - kTop - kBottom);
  return (
    <div ref={frame} className="parallel">
      {width > 0 && (
        <svg width={width} height={kHeight} role="img" aria-label={`${label}: ${rows.length} runs`}>
          {rows.map((row, index) => (
            <g
              key={row.id}
              className="parallel-row"
              style={{ stroke: `var(${row.color})` }}
              onClick={onOpen && (() => onOpen(row.id))}
            >
              <title>{row.name}</title>
              {pieces(
                scales.map((scale) => scale.shares[index] ?? null),
                x,
                y,
              ).map((points) => (
                <polyline key={points} points={points} />
              ))}
            </g>
          ))}
          {axes.map((axis, index) => (
            <g key={axis.name} className="parallel-axis">
              <line x1={x(index)} x2={x(index)} y1={y(0)} y2={y(1)} />
              <text x={x(index)} y={14} textAnchor="middle" className="parallel-name">
                {shortened(axis.name)}
                <title>{axis.name}</title>
              </text>
              {scales[index]?.labels.map(({ share, text }) => (
                <text key={text} x={x(index) + 5} y={y(share) + (share > 0.5 ? -3 : 11)}>
                  {shortened(text)}
                </text>
              ))}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

interface Scale {
  /** Where each row stands on the axis, 0 to 1; null: nowhere. */
  shares: (number | null)[];
  labels: { share: number; text: string }[];
}

const kCategoriesNamed = 8;

/** A scale of numbers where all values are numbers, else of categories in alphabetical order. */
export function scaleOf(values: Axis['values'], formatNumber: (value: number) => string): Scale {
  const given = values.filter((value) => value !== null && !Number.isNaN(value));
  const numbers = given.map((value) => (value === '' ? NaN : Number(value)));
  if (numbers.length > 0 && numbers.every(Number.isFinite)) {
    const min = Math.min(...numbers);
    const max = Math.max(...numbers);
    const share = (value: number) => (max > min ? (value - min) / (max - min) : 0.5);
    return {
      shares: values.map((value) =>
        value === null || Number.isNaN(Number(value)) ? null : share(Number(value)),
      ),
      labels: (max > min ? [min, max] : [min]).map((value) => ({
        share: share(value),
        text: formatNumber(value),
      })),
    };
  }
  const names = [...new Set(given.map(String))].sort();
  const share = (name: string) => (names.length > 1 ? names.indexOf(name) / (names.length - 1) : 0.5);
  const isNamed = (index: number) =>
    names.length <= kCategoriesNamed || index === 0 || index === names.length - 1;
  return {
    shares: values.map((value) => (value === null || Number.isNaN(value) ? null : share(String(value)))),
    labels: names.filter((_, index) => isNamed(index)).map((name) => ({ share: share(name), text: name })),
  };
}

/** Polylines through neighbouring axes; one value alone is a short dash, so that it can be seen. */
function pieces(
  shares: (number | null)[],
  x: (index: number) => number,
  y: (share: number) => number,
): string[] {
  const lines: string[][] = [[]];
  for (const [index, share] of shares.entries()) {
    if (share === null) lines.push([]);
    else lines.at(-1)?.push(`${x(index).toFixed(1)},${y(share).toFixed(1)}`);
  }
  return lines
    .filter((line) => line.length > 0)
    .map((line) => (line.length === 1 ? dash(line[0] ?? '') : line.join(' ')));
}

function dash(point: string): string {
  const [x = 0, y = 0] = point.split(',').map(Number);
  return `${x - 5},${y} ${x + 5},${y}`;
}

function shortened(text: string): string {
  return text.length > 18 ? `${text.slice(0, 17)}…` : text;
}
