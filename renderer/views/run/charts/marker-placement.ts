/** Where marks stand in a picture: never so dense that they hide the lines, and the important ones with their names. */
import { firstFrom, markerPriority, type Marker } from '../../../stores/charts-markers.ts';

export interface PlacedMarker {
  readonly marker: Marker;
  /** Pixels from the left edge. */
  readonly x: number;
  /** Shortened; null where there is no room for it. */
  readonly label: string | null;
  /** Row of the label, from the top. */
  readonly row: number;
}

/** Pixels between two lines at least. */
const lineSpace = 4;
const labelRows = 2;
const maximumLabel = 22;

/** What of a label is shown: the beginning of its first line. */
export function shortLabel(label: string): string {
  const [line = ''] = label.split('\n', 1);
  return line.length <= maximumLabel ? line : `${line.slice(0, maximumLabel - 1)}…`;
}

/** One mark per stretch of `lineSpace` pixels: the most important one in it. */
function thinned(markers: readonly Marker[], from: number, to: number, width: number): { marker: Marker; x: number }[] {
  const best = new Map<number, { marker: Marker; x: number }>();
  const scale = width / (to - from);
  // Of very many marks only those next to a stretch's start are looked at, so that the cost follows the width.
  for (let index = firstFrom(markers, from); index < markers.length; index++) {
    const marker = markers[index];
    if (!marker || marker.time > to) break;
    const x = (marker.time - from) * scale;
    const stretch = Math.floor(x / lineSpace);
    const rival = best.get(stretch);
    if (!rival || markerPriority[marker.kind] > markerPriority[rival.marker.kind]) best.set(stretch, { marker, x });
  }
  return [...best.values()];
}

/**
 * Places the marks of a time range in a picture.
 * @param width pixels of the picture
 * @param characterWidth pixels of one character of a label
 */
export function placeMarkers(markers: readonly Marker[], from: number, to: number, width: number, characterWidth: number): PlacedMarker[] {
  if (!(to > from) || width <= 0) return [];
  const lines = thinned(markers, from, to, width);
  const byImportance = lines.toSorted(
    (left, right) => markerPriority[right.marker.kind] - markerPriority[left.marker.kind] || left.x - right.x,
  );
  const taken: [start: number, end: number][][] = Array.from({ length: labelRows }, () => []);
  const placed = byImportance.map(({ marker, x }): PlacedMarker => {
    const label = shortLabel(marker.label);
    const [start, end] = [x + 2, x + 6 + label.length * characterWidth];
    const row = end > width ? -1 : taken.findIndex((spans) => spans.every((span) => end < span[0] || start > span[1]));
    if (row === -1) return { marker, x, label: null, row: 0 };
    taken[row]?.push([start, end]);
    return { marker, x, label, row };
  });
  return placed.sort((left, right) => left.x - right.x);
}
