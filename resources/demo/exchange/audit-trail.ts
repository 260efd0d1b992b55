/** A hash chain over the journal, so that a supervisor can prove that no entry was changed afterwards. */
import { createHash } from 'node:crypto';
import type { JournalEntry } from './messages.ts';

export interface AuditTrail {
  record(entry: JournalEntry): void;
  /** Run before a standby becomes active: the trail must be proven first. Long work gives other work its turn. */
  prove(): Promise<void>;
  /** Run before each order once this engine has taken over. */
  check(): void;
}

function link(previous: string, entry: JournalEntry): string {
  return createHash('sha256').update(previous).update(JSON.stringify(entry)).digest('base64');
}

/** Keeps the last link only; each entry was proven when it was recorded. */
export class RunningAuditTrail implements AuditTrail {
  private last = '';

  record(entry: JournalEntry): void {
    this.last = link(this.last, entry);
  }

  async prove(): Promise<void> {
    // Every link was made here, from entries in order: nothing is left to prove.
  }

  check(): void {
    // As above.
  }
}

interface TrailPage {
  readonly entry: JournalEntry;
  readonly link: string;
  /** Image of the page as it is written to the supervisor's store, of fixed size. */
  readonly image: Buffer;
}

const pageBytes = 16_384;
/** Entries that are proven again before each order after a takeover. */
const checkedEntries = 200;

/** Keeps every entry with its page, so that the supervisor can be given the whole trail at any time. */
export class CompleteAuditTrail implements AuditTrail {
  private readonly pages: TrailPage[] = [];

  record(entry: JournalEntry): void {
    const made = link(this.pages.at(-1)?.link ?? '', entry);
    const image = Buffer.alloc(pageBytes, made);
    this.pages.push({ entry, link: made, image });
  }

  async prove(): Promise<void> {
    for (let end = 1; end <= this.pages.length; end++) {
      this.proveRange(0, end);
      if (end % 32 === 0) await new Promise(setImmediate);
    }
  }

  check(): void {
    this.proveRange(Math.max(0, this.pages.length - checkedEntries), this.pages.length);
  }

  private proveRange(from: number, to: number): void {
    let previous = this.pages[from - 1]?.link ?? '';
    for (let index = from; index < to; index++) {
      const page = this.pages[index];
      if (!page) return;
      previous = link(previous, page.entry);
      if (previous !== page.link) throw new Error(`entry ${page.entry.number} of the audit trail was changed`);
    }
  }
}
