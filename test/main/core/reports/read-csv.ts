/** A strict reader of CSV (RFC 4180), so that what is written is known to be that. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let rest = text;
  while (rest !== '') {
    const row: string[] = [];
    for (;;) {
      const cell = /^"((?:[^"]|"")*)"|^[^",\r\n]*/.exec(rest);
      if (!cell) throw new Error(`No cell: ${rest.slice(0, 40)}`);
      row.push(cell[1] === undefined ? cell[0] : cell[1].replaceAll('""', '"'));
      rest = rest.slice(cell[0].length);
      if (rest.startsWith(',')) rest = rest.slice(1);
      else if (rest.startsWith('\r\n')) break;
      else throw new Error(`Neither a comma nor the end of a line: ${rest.slice(0, 40)}`);
    }
    rest = rest.slice(2);
    rows.push(row);
  }
  return rows;
}
