/** Large results of DuckDB as columns of numbers: no object per row, and other work has its turn in between. */
import type { DuckDBConnection } from '@duckdb/node-api';

/** Chunks (of 2,048 rows) that are copied before other work has its turn. */
const chunksAtOnce = 4;

/** The columns of a query that gives doubles only; NULL becomes NaN. */
export async function numberColumns(connection: DuckDBConnection, sql: string): Promise<Float64Array[]> {
  const result = await connection.run(sql);
  const columns = Array.from({ length: result.columnCount }, () => new Float64Array(result.rowCount));
  let start = 0;
  for (let index = 0; index < result.chunkCount; index++) {
    const chunk = result.getChunk(index);
    for (const [place, column] of columns.entries()) {
      const vector = chunk.getColumnVector(place);
      for (let row = 0; row < chunk.rowCount; row++) {
        const value = vector.getItem(row);
        column[start + row] = typeof value === 'number' ? value : Number.NaN;
      }
    }
    start += chunk.rowCount;
    if (index % chunksAtOnce === chunksAtOnce - 1) await new Promise(setImmediate);
  }
  return columns;
}
