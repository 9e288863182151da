/** The product's icons, drawn on a 16 × 16 grid with 1.5 strokes. */
const kPaths = {
  home: 'M2.5 7 8 2.5 13.5 7v6a.5.5 0 0 1-.5.5H9.75v-4h-3.5v4H3a.5.5 0 0 1-.5-.5Z',
  playground: 'M2.5 3.5h11v7.5H7l-3 2.5V11H2.5ZM5.5 6.25h5M5.5 8.5h3',
  requests: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5l3 3',
  sun: 'M8 10.75a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5ZM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z',
  system: 'M2.5 3h11v7.5h-11ZM6 13.5h4M8 10.5v3',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.25 6.4A1.8 1.8 0 0 1 8 5c1 0 1.8.7 1.8 1.6 0 1.2-1.8 1.4-1.8 2.6M8 11.2v.1',
  flask: 'M6 2.5h4M6.75 2.5v4L3 12.5a.7.7 0 0 0 .6 1h8.8a.7.7 0 0 0 .6-1l-3.75-6v-4M4.9 9.75h6.2',
  model: 'M8 2 13.5 5v6L8 14 2.5 11V5ZM2.5 5 8 8l5.5-3M8 8v6',
  prompt: 'M2.5 3.5h11v9h-11ZM5 6.25 7 8l-2 1.75M8.5 10h2.5',
  lineage: 'M2.5 6h3.5v4H2.5ZM10 2.5h3.5v4H10ZM10 9.5h3.5v4H10ZM6 8h2M10 4.5H8v7h2',
  gateway: 'M2 8h3.5M5.5 8l5-4.5M5.5 8l5 4.5M10.5 3.5H14M10.5 12.5H14M5.5 8H14',
  key: 'M5.25 13a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5ZM7.2 8.3 13 2.5M11 4.5l2 2M9.3 6.2l1.4 1.4',
  group: 'M2.5 4h4l1.2 1.5h5.8V13h-11Z',
  users:
    'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.75 13.5c0-2.3 1.9-4 4.25-4s4.25 1.7 4.25 4M10.5 2.9a2.3 2.3 0 0 1 0 4.3M12 9.9c1.4.6 2.25 1.9 2.25 3.6',
  audit: 'M3.5 2.5h9v11h-9ZM6 5.5h4M6 8h4M6 10.5h2',
  cost: 'M2.5 13.5V9M6.2 13.5V5.5M9.8 13.5V7.5M13.5 13.5v-11',
  download: 'M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11',
  shield: 'M8 1.75 13 3.5v4.25c0 3-2 5.25-5 6.5-3-1.25-5-3.5-5-6.5V3.5ZM5.75 8l1.6 1.6 3-3.2',
  undo: 'M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3',
  logout: 'M9.5 3.5v-1h-7v11h7v-1M6.5 8h7M11 5.5 13.5 8 11 10.5',
  user: 'M8 7.75a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5ZM2.75 13.75c0-2.6 2.3-4.25 5.25-4.25s5.25 1.65 5.25 4.25',
  copy: 'M5.5 5.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M3.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Z',
  check: 'M3 8.5 6.5 12 13 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M4.5 6.5 8 10l3.5-3.5',
  send: 'M8 13.5v-11M3.5 7 8 2.5 12.5 7',
  stop: 'M4.5 4.5h7v7h-7Z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3v10l8-5Z',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  code: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
  columns: 'M2.5 3h11v10h-11ZM8 3v10',
  trash: 'M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9',
  link: 'M6.5 9.5l3-3M7 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L5 7.5',
  up: 'M4.5 9.5 8 6l3.5 3.5',
  sliders: 'M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.5v3M6 9.5v3',
  redo: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none' }}
    >
      <path d={kPaths[name]} />
    </svg>
  );
}
