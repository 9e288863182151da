/** Numbers for people: a value and its unit apart, so that tables can align the digits and dim the unit. */
export interface Quantity {
  value: string;
  unit: string;
}

export const kNothing: Quantity = { value: '–', unit: '' };

const kGrouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1,234 below a million, 1.23 M above. */
export function formatCount(count: number): Quantity {
  if (count >= 1e9) return { value: significant(count / 1e9), unit: 'G' };
  if (count >= 1e6) return { value: significant(count / 1e6), unit: 'M' };
  return { value: kGrouped.format(count), unit: '' };
}

/** Three significant digits, never in exponent form: 0.0312, 3.12, 31.2, 312, 3,120. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  if (Math.abs(rounded) >= 100) return kGrouped.format(value);
  const digits = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded)))));
  return rounded.toFixed(digits);
}

export function formatRate(perSecond: number, unit: string): Quantity {
  return { value: significant(perSecond), unit };
}

export function formatDuration(ms: number | null): Quantity {
  if (ms === null) return kNothing;
  if (ms > 0 && ms < 1) return { value: (ms * 1000).toFixed(0), unit: 'µs' };
  if (ms < 999.5) return { value: ms.toFixed(0), unit: 'ms' };
  if (ms < 59_995) return { value: (ms / 1000).toFixed(2), unit: 's' };
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return { value: `${Math.floor(seconds / 60)}:${pad2(seconds % 60)}`, unit: 'min' };
  return { value: `${Math.floor(seconds / 3600)}:${pad2(Math.floor(seconds / 60) % 60)}`, unit: 'h' };
}

/** Nano-USD. Cents for dollars, two or three significant digits below, so that one request's cost never reads as 0. */
export function formatCost(nanoUsd: number | null): Quantity {
  if (nanoUsd === null) return kNothing;
  const usd = nanoUsd / 1e9;
  if (usd === 0) return { value: '$0', unit: '' };
  if (usd >= 1000) return { value: `$${kGrouped.format(usd)}`, unit: '' };
  if (usd >= 0.995) return { value: `$${usd.toFixed(2)}`, unit: '' };
  const digits = Math.min(9, (usd < 0.001 ? 1 : 2) - Math.floor(Math.log10(usd)));
  return { value: `$${usd.toFixed(digits).replace(/0+$/, '')}`, unit: '' };
}

export function formatBytes(bytes: number | null): Quantity {
  if (bytes === null) return kNothing;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return { value: index === 0 ? String(bytes) : significant(value), unit: units[index] ?? '' };
}

export function formatPercent(part: number, whole: number): Quantity {
  if (whole === 0) return kNothing;
  return { value: significant((100 * part) / whole), unit: '%' };
}

export function asText({ value, unit }: Quantity): string {
  return unit ? `${value} ${unit}` : value;
}

/** The first twelve hexadecimal digits, as `git` and `docker` abbreviate. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

function pad2(value: number): string {
  return String(value).padStart(2, '0');
}
