/** What exporters answer, in both forms of the text, and whatever else may come. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExposition } from '#network/daemon/scrape/exposition.ts';

const values = (text: string): Record<string, number> =>
  Object.fromEntries(parseExposition(text).samples.map(({ series, value }) => [series, value]));

describe('an exposition', () => {
  test('of the older form gives counters, gauges, histograms and summaries', () => {
    const text = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{code="400", method="post",}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`;
    const { samples, unreadable } = parseExposition(text);
    expect(unreadable).toBe(0);
    expect(values(text)).toEqual({
      'http_requests_total{code="200",method="post"}': 1027,
      'http_requests_total{code="400",method="post"}': 3,
      'msdos_file_access_time_seconds{error="Cannot find file:\\n\\"FILE.TXT\\"",path="C:\\\\DIR\\\\FILE.TXT"}': 1.458255915e9,
      metric_without_timestamp_and_labels: 12.47,
      'something_weird{problem="division by zero"}': Number.POSITIVE_INFINITY,
      'http_request_duration_seconds_bucket{le="0.05"}': 24054,
      'http_request_duration_seconds_bucket{le="+Inf"}': 144320,
      http_request_duration_seconds_sum: 53423,
      http_request_duration_seconds_count: 144320,
      'rpc_duration_seconds{quantile="0.01"}': 3102,
      rpc_duration_seconds_sum: 1.7560473e7,
      rpc_duration_seconds_count: 2693,
    });
    const counters = samples.filter(({ kind }) => kind === 'counter').map(({ metric }) => metric);
    expect(counters).toHaveLength(8);
    expect(counters).not.toContain('rpc_duration_seconds');
    expect(samples[0]?.help).toBe('The total number of HTTP requests.');
  });

  test('of OpenMetrics ignores exemplars and ends, and knows counters by their family', () => {
    const text = `# TYPE acme_http counter\r\n# UNIT acme_http bytes\r\nacme_http_total{path="/{x}"} 5.0 1520879607.7 # {trace_id="a}b"} 0.67\r
acme_http_created 1520430000.123\r\n# TYPE q gauge\r\nq{} NaN\r\nr -Inf\r\n# EOF\r\n`;
    const { samples, unreadable } = parseExposition(text);
    expect(unreadable).toBe(0);
    expect(samples.map(({ series, kind, unit }) => [series, kind, unit])).toEqual([
      ['acme_http_total{path="/{x}"}', 'counter', 'bytes'],
      ['acme_http_created', 'gauge', 'bytes'],
      ['q', 'gauge', undefined],
      ['r', 'gauge', undefined],
    ]);
    expect(samples[2]?.value).toBeNaN();
  });

  test.each([
    '<html><body>Not found</body></html>',
    'name',
    'name{',
    'name{a="b"',
    'name{a=b} 1',
    'name{a="b" c="d"} 1',
    'name{a="b"} one',
    '{a="b"} 1',
    'a b 1',
    '1name 2',
    `n{a="${'x'.repeat(300)}"} 1`,
  ])('leaves out and counts %s', (line) => {
    expect(parseExposition(`${line}\nafter 1\n`)).toMatchObject({ unreadable: 1, samples: [{ series: 'after' }] });
  });

  test('is bounded and filtered', () => {
    const text = Array.from({ length: 100 }, (_, index) => `m${index % 2}{i="${index}"} ${index}`).join('\n');
    const { samples, omitted } = parseExposition(text, { wants: (metric) => metric === 'm1', maximumSamples: 20 });
    expect(samples).toHaveLength(20);
    expect(omitted).toBe(30);
  });

  test('never throws, whatever comes', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('# TYPE ', '# HELP ', '{', '}', '"', '\\', '=', ',', '\n', ' ', 'name', '1', 'NaN', '#'),
    );
    const property = fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const { samples, unreadable } = parseExposition(pieces.join(''));
      expect(samples.every(({ series }) => series.length > 0 && series.length <= 256)).toBe(true);
      expect(unreadable).toBeGreaterThanOrEqual(0);
    });
    fc.assert(property, { seed: 20261123, numRuns: 3_000 });
  });

  test('gives back any labels and value that were written', () => {
    const label = fc.tuple(
      fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
      fc
        .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.constantFrom('\\', '"', '\n', '}', 'n')), { maxLength: 6 })
        .map((parts) => parts.join('')),
    );
    const property = fc.property(fc.uniqueArray(label, { maxLength: 5, selector: ([name]) => name }), fc.double(), (labels, value) => {
      const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
      const printed = labels.map(([name, text]) => `${name}="${escape(text)}"`);
      fc.pre(labels.every(([, text]) => !/[\r\u2028\u2029]/.test(text)));
      const [sample] = parseExposition(`metric{${printed.join(',')}} ${value}`).samples;
      expect(sample?.series).toBe(`metric${printed.length > 0 ? `{${printed.sort().join(',')}}` : ''}`);
      expect(Object.is(sample?.value, value) || (value === 0 && sample?.value === 0)).toBe(true);
    });
    fc.assert(property, { seed: 20261124, numRuns: 1_000 });
  });

  test('takes time in proportion to its length', () => {
    for (const hostile of [
      '{'.repeat(1_000_000),
      `a{b="${'\\'.repeat(1_000_000)}`,
      'a '.repeat(500_000),
      '"'.repeat(1_000_000),
      '#'.repeat(1_000_000),
      'a'.repeat(1_000_000),
      '# HELP '.repeat(150_000),
    ]) {
      const start = performance.now();
      parseExposition(hostile);
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});
