/** How the Run view's panels stand by default, and bringing a remembered arrangement back. */
import type { DockviewApi, SerializedDockview } from 'dockview-react';
import { z } from 'zod';
import { panels } from './panels.tsx';

/** Only as much as tells a whole arrangement from a broken one; the docking library reads the rest. */
export const dockSchema = z.looseObject({
  grid: z.looseObject({ root: z.unknown(), height: z.number(), width: z.number() }),
  panels: z.record(z.string(), z.looseObject({ id: z.string(), contentComponent: z.string().optional() })),
});

interface Place {
  readonly beside: string;
  readonly direction: 'left' | 'right' | 'below';
  /** Share of the whole frame, and the least and greatest px of it that are wanted at first. */
  readonly share: number;
  readonly least: number;
  readonly greatest: number;
}

/** Where a panel goes when it is placed after those before it. */
const places: Readonly<Record<string, Place | null>> = {
  editor: null,
  charts: { beside: 'editor', direction: 'below', share: 0.38, least: 220, greatest: 900 },
  log: { beside: 'charts', direction: 'right', share: 0.38, least: 300, greatest: 1_000 },
  files: { beside: 'editor', direction: 'left', share: 0.15, least: 180, greatest: 360 },
  questions: { beside: 'editor', direction: 'right', share: 0.3, least: 300, greatest: 720 },
};

function place(api: DockviewApi, id: string): void {
  const panel = panels.find((each) => each.id === id);
  if (!panel || api.getPanel(id)) return;
  const where = places[id] ?? null;
  const base = { id, component: id, title: panel.title };
  if (where === null || !api.getPanel(where.beside)) return void api.addPanel({ ...base, minimumWidth: 320, minimumHeight: 140 });
  const position = { referencePanel: where.beside, direction: where.direction };
  const within = (whole: number) => Math.min(where.greatest, Math.max(where.least, whole * where.share));
  // Narrower than this its words cannot be read; the window's edges count more than the operator's wish for room.
  const least = where.direction === 'below' ? { minimumHeight: 120, minimumWidth: 300 } : { minimumWidth: where.least * 0.8 };
  const size = where.direction === 'below' ? { initialHeight: within(api.height) } : { initialWidth: within(api.width) };
  api.addPanel({ ...base, ...size, ...least, position });
}

/** The arrangement everybody begins with. */
export function placeDefault(api: DockviewApi): void {
  api.clear();
  for (const id of Object.keys(places)) place(api, id);
  api.getPanel('editor')?.api.setActive();
}

/** Brings a remembered arrangement back; anything that is wrong with it gives the default one. */
export function restore(api: DockviewApi, saved: z.infer<typeof dockSchema> | null): void {
  const known = new Set(panels.map((panel) => panel.id));
  const ids = saved === null ? [] : Object.keys(saved.panels);
  if (saved === null || ids.length === 0 || ids.some((id) => !known.has(id))) return placeDefault(api);
  try {
    api.fromJSON(saved as unknown as SerializedDockview);
    // Panels that came with a later version.
    for (const id of Object.keys(places)) place(api, id);
  } catch {
    placeDefault(api);
  }
}

/** Brings a panel to the front and puts the keyboard into it. */
export function focusPanel(api: DockviewApi, id: string): void {
  place(api, id);
  const panel = api.getPanel(id);
  if (!panel) return;
  panel.api.setActive();
  requestAnimationFrame(() => {
    const frame = document.querySelector<HTMLElement>(`[data-panel="${id}"]`);
    const target = frame?.querySelector<HTMLElement>(
      '[data-panel-focus], .monaco-editor textarea, .monaco-editor .native-edit-context, input, button, [tabindex="0"]',
    );
    (target ?? frame)?.focus();
  });
}

/** Gives the active panel all the room, or back to the others. */
export function toggleMaximized(api: DockviewApi): void {
  if (api.hasMaximizedGroup()) api.exitMaximizedGroup();
  else if (api.activePanel) api.maximizeGroup(api.activePanel);
}
