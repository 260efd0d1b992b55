/** Makes zip files byte by byte, as an attacker would: every header can lie. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface CraftedEntry {
  readonly name: string;
  readonly data: Buffer;
  /** Name beside the data, where it differs from the one in the list. */
  readonly localName?: string;
  readonly stored?: boolean;
  /** What the list says of the inflated size. */
  readonly claimedSize?: number;
  /** Unix mode; a plain file where absent. */
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  /** Index of the entry whose data this one points at. */
  readonly sharesDataOf?: number;
}

function localHeader(entry: CraftedEntry, packed: Buffer): Buffer {
  const name = Buffer.from(entry.localName ?? entry.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(entry.flags ?? 0, 6);
  header.writeUInt16LE(methodOf(entry), 8);
  header.writeUInt32LE(crc32(entry.data), 14);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(entry.claimedSize ?? entry.data.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function listEntry(entry: CraftedEntry, packed: Buffer, offset: number): Buffer {
  const name = Buffer.from(entry.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(0x031e, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(entry.flags ?? 0, 8);
  header.writeUInt16LE(methodOf(entry), 10);
  header.writeUInt32LE(crc32(entry.data), 16);
  header.writeUInt32LE(packed.length, 20);
  header.writeUInt32LE(entry.claimedSize ?? entry.data.length, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(((entry.mode ?? 0o100_644) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name]);
}

function methodOf(entry: CraftedEntry): number {
  return entry.method ?? (entry.stored ? 0 : 8);
}

export function craftZip(entries: readonly CraftedEntry[]): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  const places: { offset: number; packed: Buffer }[] = [];
  let offset = 0;
  for (const entry of entries) {
    const shared = entry.sharesDataOf === undefined ? undefined : places[entry.sharesDataOf];
    const packed = shared?.packed ?? (entry.stored ? entry.data : deflateRawSync(entry.data));
    list.push(listEntry(entry, packed, shared?.offset ?? offset));
    places.push({ offset: shared?.offset ?? offset, packed });
    if (shared) continue;
    const local = Buffer.concat([localHeader(entry, packed), packed]);
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
