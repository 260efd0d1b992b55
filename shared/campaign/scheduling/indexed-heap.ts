/** Heaps: the first of many by an order, and one whose elements may change their place while they are in it. */

/** @returns whether the left goes before the right */
export type Before<Element> = (left: Element, right: Element) => boolean;

/** A heap that knows where each element stands, so that one can be moved or taken out at the cost of log n. An element is in it once. */
export class IndexedHeap<Element> {
  private readonly elements: Element[] = [];
  private readonly places = new Map<Element, number>();
  private readonly before: Before<Element>;

  constructor(before: Before<Element>) {
    this.before = before;
  }

  get size(): number {
    return this.elements.length;
  }

  get first(): Element | undefined {
    return this.elements[0];
  }

  has(element: Element): boolean {
    return this.places.has(element);
  }

  /** In no order. */
  values(): Iterable<Element> {
    return this.elements;
  }

  add(element: Element): void {
    if (this.places.has(element)) return this.moved(element);
    this.elements.push(element);
    this.rise(this.elements.length - 1, element);
  }

  delete(element: Element): boolean {
    const place = this.places.get(element);
    if (place === undefined) return false;
    this.places.delete(element);
    const last = this.elements.pop();
    if (last !== undefined && last !== element) this.sink(this.rise(place, last), last);
    return true;
  }

  /** Its order has changed. */
  moved(element: Element): void {
    const place = this.places.get(element);
    if (place !== undefined) this.sink(this.rise(place, element), element);
  }

  /** The first that is accepted, looked for only below those that are not; cheap where few are not. */
  firstOf(accepted: (element: Element) => boolean, from = 0): Element | undefined {
    const element = this.elements[from];
    if (element === undefined || accepted(element)) return element;
    const left = this.firstOf(accepted, 2 * from + 1);
    const right = this.firstOf(accepted, 2 * from + 2);
    if (left === undefined || right === undefined) return left ?? right;
    return this.before(right, left) ? right : left;
  }

  private rise(from: number, element: Element): number {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.elements[parent] as Element;
      if (!this.before(element, above)) break;
      this.put(place, above);
      place = parent;
    }
    this.put(place, element);
    return place;
  }

  private sink(from: number, element: Element): void {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.elements.length) break;
      const next = child + 1;
      if (next < this.elements.length && this.before(this.elements[next] as Element, this.elements[child] as Element)) child = next;
      const below = this.elements[child] as Element;
      if (!this.before(below, element)) break;
      this.put(place, below);
      place = child;
    }
    this.put(place, element);
  }

  private put(place: number, element: Element): void {
    this.elements[place] = element;
    this.places.set(element, place);
  }
}
