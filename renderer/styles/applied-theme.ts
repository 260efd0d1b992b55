/** The theme in force, for what is drawn by code: which it is, when it changes, and what its tokens (`theme.css`) are worth. */
import { useSyncExternalStore } from 'react';

export type Theme = 'dark' | 'light';

/** A custom property of `theme.css`. */
export type Token = `--${string}`;

const themeAttribute = 'data-mantine-color-scheme';

/** The theme that the page has now; the style sheets follow it. */
function appliedTheme(): Theme {
  return document.documentElement.getAttribute(themeAttribute) === 'light' ? 'light' : 'dark';
}

/** Tells when the page has got another theme; returns the unsubscribe. */
function onThemeApplied(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [themeAttribute] });
  return () => observer.disconnect();
}

/** The theme in force: a component that draws by code draws anew when it changes. */
export function useAppliedTheme(): Theme {
  return useSyncExternalStore(onThemeApplied, appliedTheme);
}

export interface Tokens {
  /** As CSS writes it: `#1a1e24`, a list of fonts. */
  readonly text: (token: Token) => string;
  /** Of a length, in CSS px. */
  readonly px: (token: Token) => number;
}

/** The tokens as they are now. */
export function readTokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  const text = (token: Token): string => style.getPropertyValue(token).trim();
  return { text, px: (token) => Number.parseFloat(text(token)) };
}
