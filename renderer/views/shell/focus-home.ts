/**
 * Keeps the keyboard where the operator is. While a dialog is open it stays in it: views that come up behind it, such as the
 * editor, do not take it away. When the last dialog goes and nothing has the focus, what had it before the first dialog came has it
 * again: the dialogs' own return leads only to what they were opened from, which from the palette is gone by then.
 */

/** What stands over the page and takes the keyboard; the palette is one of them. */
const overlays = '[role=dialog], [role=alertdialog], [role=menu]';

/** Those of them behind which nothing can be used. */
const modals = ':is([role=dialog], [role=alertdialog])[aria-modal=true]';

/** ms after which dialogs and whoever closed them have put the focus where they want it. */
const patience = 40;

/** What does not lie behind a dialog: what opens over it, such as the list of a choice, and the notices, which stand above it. */
const beside = '[data-portal], [data-notices]';

/** Looks after the focus as long as the window lives; returns the end of it. */
export function keepFocusHome(): () => void {
  let home: HTMLElement | null = null;
  /** What had the focus last in a dialog. */
  let within: HTMLElement | null = null;
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
    if (target.closest(overlays) !== null) {
      within = target;
      return watch.observe(document.body, { childList: true, subtree: true });
    }
    watch.disconnect();
    // Whoever wants the keyboard behind a dialog has it when that is gone.
    home = target;
    if (document.querySelector(modals) === null || target.closest(beside) !== null) return;
    clearTimeout(timer);
    // A dialog that is just being closed is gone by then.
    timer = setTimeout(() => holdWithin(within));
  };
  document.addEventListener('focusin', take);
  return () => {
    document.removeEventListener('focusin', take);
    watch.disconnect();
    clearTimeout(timer);
  };
}

/** Brings the focus back into the dialog in front, where it was left behind it. */
function holdWithin(last: HTMLElement | null): void {
  const dialog = [...document.querySelectorAll<HTMLElement>(modals)].at(-1);
  if (!dialog || document.activeElement?.closest(`${overlays}, ${beside}`)) return;
  const place = last && dialog.contains(last) ? last : dialog.querySelector<HTMLElement>('[data-autofocus]');
  (place ?? dialog).focus({ preventScroll: true });
}

function isNowhere(element: Element | null): boolean {
  return element === null || element === document.body;
}
