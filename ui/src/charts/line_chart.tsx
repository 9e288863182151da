import { useMemo, useState, type PointerEvent } from 'react';
import { ticksBetween } from './scale.ts';
import { useWidth } from './width.ts';
import './time_chart.css';

/** A curve over any numbers: NaN and infinities are gaps. */
export interface Line {
  id: string;
  name: string;
  /** A token of style/tokens.css, such as '--series-1'. */
  color: string;
  points: { x: number; y: number }[];
}

interface Props {
  title: string;
  lines: Line[];
  formatX: (x: number) => string;
  formatY: (y: number) => string;
  /** Logarithmic y: what is not positive is left out. */
  isLog?: boolean;
  height?: number;
}

const kHeight = 220;
const kLeft = 56;
const kRight = 12;
const kTop = 8;
const kBottom = 20;

interface Bounds {
  min: number;
  max: number;
}

/** Curves with their own x each, a shared crosshair, and the nearest value of each at it. */
export function LineChart({ title, lines, formatX, formatY, isLog = false, height = kHeight }: Props) {
  const [frame, width] = useWidth();
  const [cursor, setCursor] = useState<number | null>(null);
  const drawn = useMemo(
    () => lines.map((line) => ({ ...line, points: drawable(line, isLog) })),
    [lines, isLog],
  );
  const xs = boundsOf(drawn.flatMap(({ points }) => points.map(({ x }) => x)));
  const ys = widened(boundsOf(drawn.flatMap(({ points }) => points.map(({ y }) => y))));
  const x = (value: number) => kLeft + ((value - xs.min) / (xs.max - xs.min || 1)) * (width - kLeft - kRight);
  const y = (value: number) =>
    kTop + (1 - (value - ys.min) / (ys.max - ys.min || 1)) * (height - kTop - kBottom);
  const real = (value: number) => (isLog ? 10 ** value : value);
  const hover = (event: PointerEvent<SVGSVGElement>) => {
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setCursor(xs.min + ((at - kLeft) / Math.max(1, width - kLeft - kRight)) * (xs.max - xs.min));
  };
  const count = drawn.reduce((sum, { points }) => sum + points.length, 0);
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{title}</span>
        <span className="chart-headline num">{cursor !== null && count > 0 && formatX(cursor)}</span>
      </figcaption>
      <div className="chart-legend">
        {drawn.map((line) => {
          const near = cursor === null ? undefined : nearest(line.points, cursor);
          return (
            <span key={line.id}>
              <i style={{ background: `var(${line.color})` }} />
              {line.name}
              {near && <b className="num">{formatY(real(near.y))}</b>}
            </span>
          );
        })}
      </div>
      <div ref={frame} className="chart-frame" style={{ height }}>
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={`${title}: ${lines.length} curves, ${count} points`}
            onPointerMove={hover}
            onPointerLeave={() => setCursor(null)}
          >
            <g className="chart-axes">
              {ticksBetween(ys.min, ys.max, 4).map((tick) => (
                <g key={tick}>
                  <line
                    x1={kLeft}
                    x2={width - kRight}
                    y1={Math.round(y(tick)) + 0.5}
                    y2={Math.round(y(tick)) + 0.5}
                  />
                  <text x={kLeft - 6} y={y(tick) + 3.5} textAnchor="end">
                    {count > 0 && formatY(real(tick))}
                  </text>
                </g>
              ))}
              {ticksBetween(xs.min, xs.max, Math.max(2, width / 130)).map((tick) => (
                <text key={tick} x={x(tick)} y={height - 4} textAnchor="middle">
                  {count > 0 && formatX(tick)}
                </text>
              ))}
            </g>
            {drawn.map((line) => (
              <Curve key={line.id} line={line} x={x} y={y} />
            ))}
            {count === 0 && (
              <text className="chart-none" x={(width + kLeft) / 2} y={height / 2} textAnchor="middle">
                No number to draw
              </text>
            )}
            {cursor !== null && count > 0 && (
              <line className="chart-cross" x1={x(cursor)} x2={x(cursor)} y1={kTop} y2={height - kBottom} />
            )}
          </svg>
        )}
      </div>
    </figure>
  );
}

function Curve({ line, x, y }: { line: Line; x: (value: number) => number; y: (value: number) => number }) {
  const only = line.points.length === 1 ? line.points[0] : undefined;
  return (
    <g className="chart-line" style={{ stroke: `var(${line.color})` }}>
      {only ? (
        <circle cx={x(only.x)} cy={y(only.y)} r="3" style={{ fill: `var(${line.color})` }} />
      ) : (
        <polyline
          points={line.points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ')}
        />
      )}
    </g>
  );
}

function drawable({ points }: Line, isLog: boolean): { x: number; y: number }[] {
  const finite = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  return isLog ? finite.filter(({ y }) => y > 0).map(({ x, y }) => ({ x, y: Math.log10(y) })) : finite;
}

function boundsOf(values: number[]): Bounds {
  if (values.length === 0) return { min: 0, max: 1 };
  return values.reduce<Bounds>(
    ({ min, max }, value) => ({ min: Math.min(min, value), max: Math.max(max, value) }),
    { min: Infinity, max: -Infinity },
  );
}

/** Some air above and below, and a height for what is flat. */
function widened({ min, max }: Bounds): Bounds {
  const air = max > min ? (max - min) * 0.06 : Math.abs(max) * 0.1 || 1;
  return { min: min - air, max: max + air };
}

function nearest(points: { x: number; y: number }[], at: number): { x: number; y: number } | undefined {
  return points.reduce<{ x: number; y: number } | undefined>(
    (best, point) => (best && Math.abs(best.x - at) <= Math.abs(point.x - at) ? best : point),
    undefined,
  );
}
