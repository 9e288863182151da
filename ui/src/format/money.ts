/** Money as people write it, in nano-USD. */

const kNanoDigits = 9;
/** What the server takes at most: 10^9 USD. */
const kUsdMax = 1e9;

/** "12.5", "$1,000", "0.000002"; null when it is no amount, or one that cannot be told exactly. */
export function parseUsd(text: string): number | null {
  const plain = text.trim().replace(/^\$/, '').replaceAll(',', '');
  const match = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (!match || !/\d/.test(plain)) return null;
  const whole = match[1] ?? '';
  const fraction = match[2] ?? '';
  if (fraction.length > kNanoDigits || Number(plain) > kUsdMax) return null;
  return Number(BigInt(whole + fraction.padEnd(kNanoDigits, '0')));
}

/** The shortest text that parses back: "12.5". */
export function usdText(nanoUsd: number): string {
  const digits = String(Math.round(nanoUsd)).padStart(kNanoDigits + 1, '0');
  const whole = digits.slice(0, -kNanoDigits);
  const fraction = digits.slice(-kNanoDigits).replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}` : whole;
}
