/**
 * The stores of one console. Each is made by its `create…` function when it is first asked for, and there is one of it for as long
 * as the console is there. What is not handed these stores has no state: so two consoles can live in one page, and share nothing.
 */
import { Ownership, type Owned } from '#shared/disposable.ts';

/** Makes a store; asks the stores for those that it works with. */
export type StoreMaker<Store> = (stores: Stores) => Store;

export class Stores implements Owned {
  private readonly made = new Map<StoreMaker<unknown>, unknown>();
  private readonly making = new Set<StoreMaker<unknown>>();
  private readonly owned = new Ownership();

  /** The one store of this maker. */
  get<Store>(make: StoreMaker<Store>): Store {
    // Nothing else is ever kept under a maker than what it made.
    if (this.made.has(make)) return this.made.get(make) as Store;
    if (this.making.has(make)) throw new Error(`${make.name} waits for itself.`);
    this.making.add(make);
    try {
      const store = make(this);
      this.made.set(make, store);
      return store;
    } finally {
      this.making.delete(make);
    }
  }

  /** What a store holds of the page or of the core is given back with the console. */
  own(giveBack: () => void | Promise<void>): void {
    this.owned.own(giveBack);
  }

  dispose(): Promise<void> {
    return this.owned.dispose();
  }
}
