/** A strict reader of OpenMetrics text for gauges, counters, information and state sets; throws at what the format does not allow. */
export interface ReadSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds; null: none was told. */
  readonly time: number | null;
}

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: ReadSample[];
}

const suffixes: Readonly<Record<string, string>> = { gauge: '', counter: '_total', info: '_info', stateset: '' };

export function readOpenMetrics(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('# EOF\n')) throw new Error('The end is not marked.');
  const families = new Map<string, ReadFamily & { unit: string }>();
  let family: (ReadFamily & { unit: string }) | undefined;
  let series = '';
  let lastTime = -Infinity;
  const seen = new Set<string>();
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (gauge|counter|info|stateset)$/.exec(line);
    if (type) {
      const [, name = '', kind = ''] = type;
      if (families.has(name)) throw new Error(`The family ${name} comes twice.`);
      families.set(name, (family = { name, type: kind, unit: '', samples: [] }));
      continue;
    }
    const about = /^# (UNIT|HELP) (\S+) (.*)$/.exec(line);
    if (about) {
      const [, what, name, told = ''] = about;
      if (!family || name !== family.name || family.samples.length > 0) throw new Error(`Out of place: ${line}`);
      if (what === 'UNIT' && !name?.endsWith(`_${told}`)) throw new Error(`The unit is not in the name: ${line}`);
      if (what === 'UNIT') family.unit = told;
      continue;
    }
    const sample =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)(?: (-?\d+(?:\.\d+)?))?$/.exec(line);
    if (!sample || !family) throw new Error(`No sample: ${line}`);
    const [, name = '', braces = '', inner = '', value = '', time] = sample;
    if (name !== `${family.name}${suffixes[family.type]}`) throw new Error(`Not of the family ${family.name}: ${line}`);
    const labels = Object.fromEntries(
      [...inner.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)].map(([, key, told]) => [key, told]),
    );
    const whole = `${name}${braces}`;
    if (whole !== series) {
      if (seen.has(whole)) throw new Error(`The samples of one series are not together: ${line}`);
      seen.add(whole);
      series = whole;
      lastTime = -Infinity;
    }
    if (time !== undefined && !(Number(time) > lastTime)) throw new Error(`Time does not rise: ${line}`);
    lastTime = Number(time ?? lastTime);
    if (!/^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(value)) throw new Error(`No number: ${line}`);
    if (family.type === 'counter' && !(Number(value) >= 0)) throw new Error(`A counter below zero: ${line}`);
    family.samples.push({ labels, value: Number(value), time: time === undefined ? null : Number(time) });
  }
  return families;
}
