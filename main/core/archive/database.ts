/** DuckDB as the archive uses it: in memory, bounded, without extensions from elsewhere, and its values as plain arrays. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Owned } from '#shared/disposable.ts';

/** How the archive writes Parquet: compact, and read by everything (zstd in Parquet's first page format). */
export const parquetOptions = 'FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V1';

export interface DatabaseOptions {
  readonly memory: `${number}MB`;
  readonly threads: number;
  /** Folder for what does not fit into memory; without one, nothing leaves memory. */
  readonly temporaryFolder?: string;
}

export class Database implements Owned {
  readonly connection: DuckDBConnection;
  private readonly instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.instance = instance;
    this.connection = connection;
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: options.memory,
      threads: String(options.threads),
      temp_directory: options.temporaryFolder ?? '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      lock_configuration: 'true',
    });
    return new Database(instance, await instance.connect());
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** All rows of a small result. BIGINT comes as bigint. */
  async rows(sql: string): Promise<unknown[][]> {
    return (await this.connection.runAndReadAll(sql)).getRowsJS();
  }

  /** The first column of the first row, as a number. */
  async number(sql: string): Promise<number> {
    return Number((await this.rows(sql))[0]?.[0] ?? 0);
  }

  dispose(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of files as an SQL literal, for `read_parquet`. Glob characters in their paths mean themselves. */
export function fileList(files: readonly string[]): string {
  return `[${files.map((file) => literal(withoutGlobs(file))).join(', ')}]`;
}

/** DuckDB reads `*`, `?` and `[` in paths as patterns; a class of the one character means the character. */
export function withoutGlobs(file: string): string {
  return file.replace(/[*?[]/g, (character) => `[${character}]`);
}
