/** Durations and sizes of configuration files. */
import { describe, expect, test } from 'vitest';
import { parseDuration, parseSize } from '#platform/configuration/amounts.ts';

describe('amounts in configuration files', () => {
  test.each([
    ['500ms', 500],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['2min', 120_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['10', undefined],
    ['-1s', undefined],
    ['1e3s', undefined],
    ['s', undefined],
    ['1min', 60_000],
    ['2d', 172_800_000],
    ['1.1s', 1_100],
    ['-1s', undefined],
    ['1MB', undefined],
  ])('duration %s', (text, value) => {
    expect(parseDuration(text)).toBe(value);
  });
  test.each([
    ['64MB', 64_000_000],
    ['64MiB', 67_108_864],
    ['1.5kB', 1_500],
    ['5B', 5],
    ['5', undefined],
    ['5XB', undefined],
    ['iB', undefined],
    ['1 KB', 1_000],
    ['2TB', 2_000_000_000_000],
    ['1TiB', 2 ** 40],
    ['1s', undefined],
  ])('size %s', (text, value) => {
    expect(parseSize(text)).toBe(value);
  });
});
