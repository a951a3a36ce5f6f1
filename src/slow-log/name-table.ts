/** Numbers for names that come as bytes, so that a name that was seen before costs no string. */
export class NameTable {
  private readonly names: string[] = [];
  private readonly keys = new Map<string, number>();
  /** By a hash of the bytes; names whose hashes are equal follow each other. */
  private readonly buckets = new Map<number, { readonly bytes: Uint8Array; readonly key: number }[]>();
  private lastBytes = new Uint8Array(0);
  private lastKey = -1;

  /** Neighbouring events often have the same name, which is recognized without its hash. */
  keyOfBytes(buffer: Uint8Array, start: number, end: number): number {
    if (this.lastKey >= 0 && equals(this.lastBytes, buffer, start, end)) return this.lastKey;
    let hash = 0;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (buffer[at] as number)) | 0;
    const bucket = this.buckets.get(hash) ?? [];
    let found = bucket.find((it) => equals(it.bytes, buffer, start, end));
    if (found === undefined) {
      const bytes = buffer.slice(start, end);
      found = { bytes, key: this.keyOf(Buffer.from(bytes).toString()) };
      this.buckets.set(hash, [...bucket, found]);
    }
    this.lastBytes = found.bytes as Uint8Array<ArrayBuffer>;
    this.lastKey = found.key;
    return found.key;
  }

  keyOf(name: string): number {
    let key = this.keys.get(name);
    if (key === undefined) {
      key = this.names.push(name) - 1;
      this.keys.set(name, key);
    }
    return key;
  }

  nameOf(key: number): string {
    return this.names[key] ?? '';
  }
}

function equals(bytes: Uint8Array, buffer: Uint8Array, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== buffer[start + i]) return false;
  return true;
}

/** The names that events have. */
export interface EventNames {
  readonly users: NameTable;
  readonly schemas: NameTable;
}
