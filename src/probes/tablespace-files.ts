import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** More files than this are not opened; where one is cut, a full disk has usually cut the last ones of the copy. */
const maxFiles = 3_000;
/** Where page 0 of an InnoDB file says how many pages it has, and of which size (fsp0types.h). */
const spaceSizeAt = 46;
const flagsAt = 54;

/**
 * The first InnoDB file of a copied data directory that is shorter than its own first page says, with both sizes; a
 * copy that ran into a full disk leaves such files. System tablespaces and compressed copies are left out.
 */
export async function findCutTablespace(folder: string): Promise<string | undefined> {
  let seen = 0;
  for (const schema of await readdir(folder, { withFileTypes: true })) {
    if (!schema.isDirectory()) continue;
    for (const name of await readdir(join(folder, schema.name))) {
      if (!name.endsWith('.ibd')) continue;
      if (++seen > maxFiles) return undefined;
      const cut = await shortfall(join(folder, schema.name, name));
      if (cut !== undefined) return `${schema.name}/${name} ${cut}`;
    }
  }
  return undefined;
}

async function shortfall(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) return 'is empty';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(58), 0, 58, 0);
    if (bytesRead < 58) return `is cut off after ${size} bytes`;
    const wanted = buffer.readUInt32BE(spaceSizeAt) * pageBytes(buffer.readUInt32BE(flagsAt));
    return size < wanted ? `is cut off: ${size} of ${wanted} bytes` : undefined;
  } finally {
    await file.close();
  }
}

/** The flags have two layouts: that of full_crc32 has bit 4 set, which no valid size of a compressed page has in the other. */
function pageBytes(flags: number): number {
  if ((flags & 0b1_0000) !== 0) return 512 << (flags & 0b1111);
  const zipped = (flags >> 1) & 0b1111;
  const whole = (flags >> 6) & 0b1111;
  return zipped > 0 ? 512 << zipped : whole > 0 ? 512 << whole : 16_384;
}
