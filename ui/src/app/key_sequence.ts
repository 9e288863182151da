const kSequenceTimeoutMs = 1200;

/** Recognises 'g r' (one key after the other) and single keys like '/' or '?'. */
export class KeySequence {
  private prefix = '';
  private prefixAtMs = 0;

  constructor(private readonly bindings: () => Iterable<string>) {}

  /** The binding that this key completes, or null. */
  press(key: string, nowMs: number): string | null {
    const alive = this.prefix !== '' && nowMs - this.prefixAtMs <= kSequenceTimeoutMs;
    const candidates = alive ? [`${this.prefix} ${key}`, key] : [key];
    const known = [...this.bindings()];
    this.prefix = '';
    for (const candidate of candidates) {
      if (known.includes(candidate)) return candidate;
    }
    if (known.some((binding) => binding.startsWith(`${key} `))) {
      this.prefix = key;
      this.prefixAtMs = nowMs;
    }
    return null;
  }
}
