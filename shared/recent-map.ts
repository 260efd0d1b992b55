/** A map that remembers the entries that were set last, and forgets the others: for caches and for what is known of strangers. */

export class RecentMap<Key, Value> extends Map<Key, Value> {
  private readonly most: number;
  private readonly weightOf: (value: Value) => number;
  private weight = 0;

  /** `most`: entries, or their weight together where `weightOf` tells how much each weighs. The newest entry always stays. */
  constructor(most: number, weightOf: (value: Value) => number = () => 1) {
    super();
    this.most = most;
    this.weightOf = weightOf;
  }

  override set(key: Key, value: Value): this {
    // Taken out first: what is set again is the newest.
    this.delete(key);
    super.set(key, value);
    this.weight += this.weightOf(value);
    for (const oldest of this.keys()) {
      if (this.weight <= this.most || this.size === 1) break;
      this.delete(oldest);
    }
    return this;
  }

  override delete(key: Key): boolean {
    const value = this.get(key);
    if (!super.delete(key)) return false;
    this.weight -= this.weightOf(value as Value);
    return true;
  }

  override clear(): void {
    super.clear();
    this.weight = 0;
  }
}
