/**
 * Gives the keyboard back: when the last dialog goes and nothing has the focus, what had it before the first dialog came has
 * it again. The dialogs' own return leads only to what they were opened from, which from the palette is gone by then.
 */

/** What stands over the page and takes the keyboard; the palette is one of them. */
const overlays = '[role=dialog], [role=alertdialog], [role=menu]';

/** ms after which dialogs and whoever closed them have put the focus where they want it. */
const patience = 40;

/** Looks after the focus as long as the window lives; returns the end of it. */
export function keepFocusHome(): () => void {
  let home: HTMLElement | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveBack = (): void => {
    if (!isNowhere(document.activeElement)) return;
    if (document.querySelector(overlays) === null && home?.isConnected) home.focus({ preventScroll: true });
  };
  // What is removed with the focus in it says nothing of that.
  const watch = new MutationObserver(() => {
    if (!isNowhere(document.activeElement) || document.querySelector(overlays) !== null) return;
    watch.disconnect();
    clearTimeout(timer);
    timer = setTimeout(giveBack, patience);
  });
  const take = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement)) return;
    if (target.closest(overlays) !== null) return watch.observe(document.body, { childList: true, subtree: true });
    watch.disconnect();
    home = target;
  };
  document.addEventListener('focusin', take);
  return () => {
    document.removeEventListener('focusin', take);
    watch.disconnect();
    clearTimeout(timer);
  };
}

function isNowhere(element: Element | null): boolean {
  return element === null || element === document.body;
}
