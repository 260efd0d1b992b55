/** Work of which one is carried out at a time: of what is wished meanwhile, the last counts and the others are void. */
export class LatestWish<T> {
  private readonly carryOut: (wish: T) => Promise<void>;
  private waiting: { readonly wish: T } | null = null;
  private working: Promise<void> | null = null;

  constructor(carryOut: (wish: T) => Promise<void>) {
    this.carryOut = carryOut;
  }

  /** Resolves when nothing is wished any more. */
  async ask(wish: T): Promise<void> {
    this.waiting = { wish };
    this.working ??= this.work();
    return this.working;
  }

  private async work(): Promise<void> {
    try {
      while (this.waiting) {
        const { wish } = this.waiting;
        this.waiting = null;
        await this.carryOut(wish);
      }
    } finally {
      this.working = null;
    }
  }
}
