/**
 * The live samples of a run: Parquet segments in order of time, one about every second, small ones merged later. A segment is
 * named after the commits that it holds (`00000001-00000032.parquet`); a merged segment replaces those it covers.
 */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isMissing, partialSuffix } from './files.ts';

export interface Segment {
  readonly file: string;
  /** First and last commit that it holds. */
  readonly from: number;
  readonly to: number;
}

const segmentPattern = /^([0-9]{8})-([0-9]{8})\.parquet$/;
const seriesPattern = /^([0-9]{8})\.series\.ndjson$/;

function digits(number: number): string {
  return String(number).padStart(8, '0');
}

/** File of the samples of some commits, both included. */
export function segmentName(from: number, to: number): string {
  return `${digits(from)}-${digits(to)}.parquet`;
}

/** File of the series that were first seen in a commit. */
export function seriesName(commit: number): string {
  return `${digits(commit)}.series.ndjson`;
}

export interface SampleFolder {
  /** In order; those that a merged one covers are left out. */
  readonly segments: readonly Segment[];
  readonly covered: readonly Segment[];
  readonly seriesFiles: readonly { readonly file: string; readonly commit: number }[];
  readonly leftovers: readonly string[];
}

/** Reads a folder of samples; one that is not there is empty. */
export async function readSampleFolder(folder: string): Promise<SampleFolder> {
  const names = await readdir(folder).catch((failure: unknown) => {
    if (isMissing(failure)) return [];
    throw failure;
  });
  const all: Segment[] = [];
  const seriesFiles: { file: string; commit: number }[] = [];
  const leftovers: string[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const segment = segmentPattern.exec(name);
    const series = seriesPattern.exec(name);
    if (segment) all.push({ file, from: Number(segment[1]), to: Number(segment[2]) });
    else if (series) seriesFiles.push({ file, commit: Number(series[1]) });
    else if (name.endsWith(partialSuffix)) leftovers.push(file);
  }
  return { ...withoutCovered(all), seriesFiles, leftovers };
}

/** Splits segments into those that count and those whose content a wider one holds too. */
export function withoutCovered(all: readonly Segment[]): { segments: Segment[]; covered: Segment[] } {
  const ordered = [...all].sort((one, other) => one.from - other.from || other.to - one.to);
  const segments: Segment[] = [];
  const covered: Segment[] = [];
  for (const segment of ordered) {
    if (segment.to <= (segments.at(-1)?.to ?? 0)) covered.push(segment);
    else segments.push(segment);
  }
  return { segments, covered };
}

/** How many segments of one size are merged into one of the next. */
export const mergeWidth = 32;

/** The latest segments, if enough of them are of one size to be merged. */
export function mergeable(segments: readonly Segment[]): readonly Segment[] {
  const last = segments.slice(-mergeWidth);
  const span = (segment: Segment | undefined): number => (segment ? segment.to - segment.from + 1 : 0);
  const size = span(last[0]);
  return last.length === mergeWidth && last.every((segment) => span(segment) === size) ? last : [];
}

/** Removes files; those that are not there are no trouble. */
export async function removeFiles(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => rm(file, { force: true })));
}
