/** Keys below this are counted in an array. */
const DENSE_KEYS = 256;

/** How often each key was seen. Keys are small whole numbers, few for most classes. */
export class KeyCounts {
  private dense = new Float64Array(4);
  private sparse: Map<number, number> | undefined;

  add(key: number, count: number): void {
    if (key >= DENSE_KEYS) {
      this.sparse ??= new Map();
      this.sparse.set(key, (this.sparse.get(key) ?? 0) + count);
      return;
    }
    if (key >= this.dense.length) {
      const larger = new Float64Array(Math.min(DENSE_KEYS, Math.max(key + 1, this.dense.length * 2)));
      larger.set(this.dense);
      this.dense = larger;
    }
    (this.dense[key] as number) += count;
  }

  entries(): (readonly [key: number, count: number])[] {
    const dense = [...this.dense].map((count, key) => [key, count] as const).filter(([, count]) => count > 0);
    return [...dense, ...(this.sparse ?? [])];
  }
}
