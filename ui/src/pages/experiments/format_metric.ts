/** Five significant digits, exponents only where digits would not do: 0.00012, 0.12346, 1,234.6, 1.2e+12, NaN, ∞. */
export function formatMetric(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  // What the server keeps for an infinity, as MLflow does.
  if (Math.abs(value) >= Number.MAX_VALUE) return value > 0 ? '∞' : '−∞';
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return value.toExponential(2);
  return Number(value.toPrecision(5)).toLocaleString('en-US', { maximumSignificantDigits: 5 });
}
