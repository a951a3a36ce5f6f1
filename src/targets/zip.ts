import { inflateRawSync } from 'node:zlib';

export interface ZippedFile {
  readonly name: string;
  readonly content: Buffer;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
/** The end record is followed by a comment of at most 65,535 bytes. */
const maxComment = 0xffff;

/**
 * The files of a ZIP archive, by its central directory: stored or deflated, without encryption and below 4 GiB.
 * Throws an Error for what is no such archive, and for one that would unpack to more than `maxBytes`.
 */
export function unzip(archive: Buffer, maxBytes: number): ZippedFile[] {
  const end = endOf(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  let left = maxBytes;
  const files: ZippedFile[] = [];
  for (let entry = 0; entry < count; entry++) {
    if (at + entryBytes > archive.length || archive.readUInt32LE(at) !== entrySignature) throw broken();
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + entryBytes, at + entryBytes + nameLength);
    const content = unpack(archive, archive.readUInt32LE(at + 42), packed, method, left);
    left -= content.length;
    if (!name.endsWith('/')) files.push({ name, content });
    at += entryBytes + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

function endOf(archive: Buffer): number {
  const first = Math.max(0, archive.length - endBytes - maxComment);
  for (let at = archive.length - endBytes; at >= first; at--) if (archive.readUInt32LE(at) === endSignature) return at;
  throw broken();
}

function unpack(archive: Buffer, header: number, packed: number, method: number, maxBytes: number): Buffer {
  if (header + localBytes > archive.length) throw broken();
  const start = header + localBytes + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const data = archive.subarray(start, start + packed);
  if (data.length < packed || (method !== 0 && method !== 8)) throw broken();
  if (method === 0 && data.length > maxBytes) throw broken();
  return method === 0 ? data : inflateRawSync(data, { maxOutputLength: Math.max(1, maxBytes) });
}

function broken(): Error {
  return new Error('not a ZIP archive that can be read');
}
