import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Lineage } from '../../api/registry_queries.ts';
import { IconButton } from '../../components/button.tsx';
import { kNodeHeight, kNodeWidth, layOut, type PlacedNode } from './graph_layout.ts';

interface Props {
  lineage: Lineage;
  center: string;
  onOpen: (id: string) => void;
}

interface View {
  x: number;
  y: number;
  scale: number;
}

const kScaleMin = 0.15;
const kScaleMax = 2;
const kZoom = 1.25;

/** The graph, drawn left to right: drag to move, wheel or buttons to zoom, a node opens its own graph. */
export function Graph({ lineage, center, onOpen }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const layout = useMemo(() => layOut(lineage.nodes, lineage.edges), [lineage]);
  const [view, setView] = useState<View>({ x: 0, y: 0, scale: 1 });
  const [hovered, setHovered] = useState<string | null>(null);
  const drag = useRef<{ x: number; y: number } | null>(null);
  useEffect(() => {
    const size = frame.current?.getBoundingClientRect();
    if (size) setView(fitted(layout, size));
  }, [layout]);
  useWheelZoom(frame, setView);
  const zoom = (factor: number) => {
    const size = frame.current?.getBoundingClientRect();
    if (size) setView((before) => zoomed(before, factor, size.width / 2, size.height / 2));
  };
  const move = (event: PointerEvent) => {
    const from = drag.current;
    if (!from) return;
    drag.current = { x: event.clientX, y: event.clientY };
    setView(({ x, y, scale }) => ({ x: x + event.clientX - from.x, y: y + event.clientY - from.y, scale }));
  };
  const touches = (id: string) =>
    hovered === null ||
    id === hovered ||
    layout.edges.some(({ from, to }) => (from === hovered && to === id) || (to === hovered && from === id));
  return (
    <div
      ref={frame}
      className="graph"
      role="group"
      aria-label={`Lineage graph: ${layout.nodes.length} nodes`}
      onPointerDown={(event) => {
        if (!(event.target as Element).closest('[data-node],button'))
          drag.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerMove={move}
      onPointerUp={() => (drag.current = null)}
      onPointerLeave={() => (drag.current = null)}
    >
      <svg width="100%" height="100%">
        <defs>
          <marker
            id="graph-arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0.5 7.5 4 0 7.5Z" />
          </marker>
        </defs>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
          {layout.edges.map(({ from, to, role, path }) => (
            <path
              key={`${from} ${to} ${role}`}
              d={path}
              className="graph-edge"
              data-faint={hovered !== null && from !== hovered && to !== hovered}
              markerEnd="url(#graph-arrow)"
            >
              <title>{role}</title>
            </path>
          ))}
          {layout.nodes.map((node) => (
            <Node
              key={node.id}
              node={node}
              isCenter={node.id === center}
              isFaint={!touches(node.id)}
              onOpen={onOpen}
              onHover={setHovered}
            />
          ))}
        </g>
      </svg>
      <div className="graph-tools">
        <IconButton icon="plus" label="Zoom in" onClick={() => zoom(kZoom)} />
        <IconButton icon="minus" label="Zoom out" onClick={() => zoom(1 / kZoom)} />
        <IconButton
          icon="columns"
          label="Fit the window"
          onClick={() => {
            const size = frame.current?.getBoundingClientRect();
            if (size) setView(fitted(layout, size));
          }}
        />
      </div>
    </div>
  );
}

interface NodeProps {
  node: PlacedNode;
  isCenter: boolean;
  isFaint: boolean;
  onOpen: (id: string) => void;
  onHover: (id: string | null) => void;
}

function Node({ node, isCenter, isFaint, onOpen, onHover }: NodeProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onOpen(node.id);
  };
  return (
    <g
      className="graph-node"
      data-node={node.id}
      data-type={node.type}
      data-center={isCenter}
      data-faint={isFaint}
      role="button"
      tabIndex={0}
      aria-current={isCenter || undefined}
      transform={`translate(${node.x} ${node.y})`}
      onClick={() => onOpen(node.id)}
      onKeyDown={onKeyDown}
      onPointerEnter={() => onHover(node.id)}
      onPointerLeave={() => onHover(null)}
      onFocus={() => onHover(node.id)}
      onBlur={() => onHover(null)}
    >
      <rect width={kNodeWidth} height={kNodeHeight} rx="6" />
      <rect className="graph-stripe" width="4" height={kNodeHeight} rx="2" />
      <text x="14" y="16" className="graph-type">
        {node.type.replaceAll('_', ' ')}
      </text>
      <text x="14" y="31" className="graph-name">
        {shortened(node.name)}
      </text>
    </g>
  );
}

function shortened(text: string): string {
  return text.length > 26 ? `${text.slice(0, 25)}…` : text;
}

/** React's own wheel listener is passive, so the page would scroll along. */
function useWheelZoom(
  frame: React.RefObject<HTMLDivElement | null>,
  setView: (change: (before: View) => View) => void,
): void {
  useEffect(() => {
    const element = frame.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const size = element?.getBoundingClientRect();
      if (!size) return;
      const factor = event.deltaY < 0 ? kZoom : 1 / kZoom;
      setView((before) => zoomed(before, factor, event.clientX - size.left, event.clientY - size.top));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [frame, setView]);
}

function zoomed({ x, y, scale }: View, factor: number, atX: number, atY: number): View {
  const next = Math.min(kScaleMax, Math.max(kScaleMin, scale * factor));
  const grown = next / scale;
  return { x: atX - (atX - x) * grown, y: atY - (atY - y) * grown, scale: next };
}

function fitted(layout: { width: number; height: number }, size: { width: number; height: number }): View {
  const scale = Math.min(
    1,
    Math.max(kScaleMin, Math.min(size.width / layout.width, size.height / layout.height)),
  );
  return { x: (size.width - layout.width * scale) / 2, y: (size.height - layout.height * scale) / 2, scale };
}
