import type { PointerEvent } from 'react';
import { formatClock, formatMinute } from '../format/time.ts';
import { useHover } from './hover.tsx';
import { labelIndexes, linePath, loneValues, niceTicks } from './scale.ts';
import { useWidth } from './width.ts';
import './time_chart.css';

export interface Series {
  name: string;
  /** A token of style/tokens.css, such as '--series-1'. */
  color: string;
  values: (number | null)[];
}

interface Props {
  title: string;
  /** The start of each bucket, in microseconds. */
  times: number[];
  /** Bars stack in order, lines overlay. */
  kind: 'bars' | 'lines';
  series: Series[];
  /** The value at the crosshair, with its unit. */
  format: (value: number) => string;
  /** The axis, where there is little room. */
  formatTick: (value: number) => string;
  /** The number for the whole window, shown while nothing is hovered. */
  headline: React.ReactNode;
  height?: number;
  /** How the axis and the crosshair tell a bucket: the time of the day, unless buckets are days. */
  formatAxis?: (us: number) => string;
  formatTime?: (us: number) => string;
}

const kHeight = 132;
const kLeft = 52;
const kRight = 8;
const kTop = 8;
const kBottom = 18;

export function TimeChart({
  title,
  times,
  kind,
  series,
  format,
  formatTick,
  headline,
  height = kHeight,
  formatAxis = formatMinute,
  formatTime = formatClock,
}: Props) {
  const [frame, width] = useWidth();
  const { index, setIndex } = useHover();
  const count = times.length;
  const max = Math.max(0, ...times.map((_, at) => heightAt(series, kind, at)));
  const ticks = niceTicks(max, 3);
  const top = ticks.at(-1) || 1;
  const slot = (width - kLeft - kRight) / Math.max(1, count);
  const x = (at: number) => kLeft + (at + 0.5) * slot;
  const y = (value: number) => kTop + (1 - value / top) * (height - kTop - kBottom);
  const hover = (event: PointerEvent<SVGSVGElement>) => {
    const at = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - kLeft) / slot);
    setIndex(at >= 0 && at < count ? at : null);
  };
  const shown = index !== null && index < count ? index : null;
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{title}</span>
        <span className="chart-headline num">{headline}</span>
      </figcaption>
      <Legend
        series={series}
        at={shown}
        time={shown === null ? null : (times[shown] ?? null)}
        format={format}
        formatTime={formatTime}
      />
      <div ref={frame} className="chart-frame" style={{ height }}>
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={`${title}: at most ${format(max)} in one of ${count} intervals`}
            onPointerMove={hover}
            onPointerLeave={() => setIndex(null)}
          >
            <Axes
              ticks={ticks}
              y={y}
              x={x}
              width={width}
              height={height}
              times={times}
              formatTick={formatTick}
              formatAxis={formatAxis}
            />
            {kind === 'bars' ? (
              <Bars series={series} x={x} y={y} slot={slot} />
            ) : (
              <Lines series={series} x={x} y={y} />
            )}
            {max === 0 && (
              <text className="chart-none" x={(width + kLeft) / 2} y={height / 2} textAnchor="middle">
                None in this window
              </text>
            )}
            {shown !== null && (
              <line className="chart-cross" x1={x(shown)} x2={x(shown)} y1={kTop} y2={height - kBottom} />
            )}
          </svg>
        )}
      </div>
    </figure>
  );
}

function heightAt(series: Series[], kind: Props['kind'], at: number): number {
  const values = series.map((one) => one.values[at] ?? 0);
  return kind === 'bars' ? values.reduce((sum, value) => sum + value, 0) : Math.max(0, ...values);
}

function Legend({
  series,
  at,
  time,
  format,
  formatTime,
}: {
  series: Series[];
  at: number | null;
  time: number | null;
  format: Props['format'];
  formatTime: (us: number) => string;
}) {
  return (
    <div className="chart-legend">
      {series.map((one) => {
        const value = at === null ? null : (one.values[at] ?? null);
        return (
          <span key={one.name}>
            <i style={{ background: `var(${one.color})` }} />
            {one.name}
            {at !== null && <b className="num">{value === null ? '–' : format(value)}</b>}
          </span>
        );
      })}
      {time !== null && <span className="chart-time num">{formatTime(time)}</span>}
    </div>
  );
}

interface Scale {
  x: (index: number) => number;
  y: (value: number) => number;
}

function Axes({
  ticks,
  x,
  y,
  width,
  height,
  times,
  formatTick,
  formatAxis,
}: Scale & {
  ticks: number[];
  width: number;
  height: number;
  times: number[];
  formatTick: Props['formatTick'];
  formatAxis: (us: number) => string;
}) {
  return (
    <g className="chart-axes">
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            x1={kLeft}
            x2={width - kRight}
            y1={Math.round(y(tick)) + 0.5}
            y2={Math.round(y(tick)) + 0.5}
          />
          <text x={kLeft - 6} y={y(tick) + 3.5} textAnchor="end">
            {formatTick(tick)}
          </text>
        </g>
      ))}
      {labelIndexes(times.length, width > 420 ? 4 : 3).map((at) => (
        <text key={at} x={x(at)} y={height - 4} textAnchor="middle">
          {formatAxis(times[at] ?? 0)}
        </text>
      ))}
    </g>
  );
}

function Bars({ series, x, y, slot }: Scale & { series: Series[]; slot: number }) {
  const width = Math.max(1, slot - (slot > 5 ? 2 : 0.5));
  const count = series[0]?.values.length ?? 0;
  const columns = Array.from({ length: count }, (_, at) => {
    let below = 0;
    return series.map((one) => {
      const value = one.values[at] ?? 0;
      const bar = { from: below, to: below + value, color: one.color };
      below += value;
      return bar;
    });
  });
  return columns.map((bars, at) =>
    bars
      .filter((bar) => bar.to > bar.from)
      .map((bar) => (
        <rect
          key={`${at}${bar.color}`}
          x={x(at) - width / 2}
          width={width}
          y={y(bar.to)}
          height={Math.max(1, y(bar.from) - y(bar.to))}
          style={{ fill: `var(${bar.color})` }}
        />
      )),
  );
}

function Lines({ series, x, y }: Scale & { series: Series[] }) {
  return series.map((one) => (
    <g key={one.name} className="chart-line" style={{ stroke: `var(${one.color})` }}>
      <path d={linePath(one.values, x, y)} />
      <path d={linePath(loneValues(one.values), x, y)} strokeWidth="4" />
    </g>
  ));
}
