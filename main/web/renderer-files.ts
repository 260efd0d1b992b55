/**
 * The built renderer as it is served. Only files that a listing of the folder showed are known, by their exact names, so
 * no path that a browser asks for ever reaches the file system. The folder is listed again when the page was built anew.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { z } from 'zod';
import { ProblemError } from '#shared/problem.ts';

/** What the bundler writes down about the files of each page (`build.manifest` of vite.config.ts). */
const bundleName = 'bundle.json';
const names = z.array(z.string()).default([]);
const bundleSchema = z.record(z.string(), z.object({ file: z.string(), css: names, assets: names, imports: names, dynamicImports: names }));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};
const compressible = /\.(?:html|js|css|json|svg|ttf|wasm)$/;

export type Encoding = 'br' | 'gzip' | 'identity';

/** A file as it goes over the wire. */
export interface ServedFile {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly encoding: Encoding;
  /** Whether the name carries a hash of the content, so that a browser may keep it for ever. */
  readonly immutable: boolean;
}

const compress: Record<Exclude<Encoding, 'identity'>, (body: Buffer) => Promise<Buffer>> = {
  // Quality 5 is nearly as small as the best and takes a tenth of the time.
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (body) => promisify(gzip)(body),
};

export class RendererFiles {
  private readonly folder: string;
  private names: ReadonlySet<string> = new Set();
  /** When the listed page was built, ms since 1970. */
  private built = 0;
  private readonly cached = new Map<string, Promise<ServedFile>>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Lists the folder; refused when it holds no built renderer. */
  static async open(folder: string): Promise<RendererFiles> {
    const files = new RendererFiles(folder);
    await files.refresh();
    return files;
  }

  /** Lists the folder again if the page was built since. */
  async refresh(): Promise<void> {
    const page = await stat(join(this.folder, 'index.html')).catch(() => undefined);
    if (!page?.isFile()) {
      throw new ProblemError({
        code: 'renderer-not-built',
        file: this.folder,
        message: 'The screens of the console are not built.',
        tip: 'From a checkout, build them with: npm run build:renderer.',
      });
    }
    if (page.mtimeMs === this.built) return;
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile() && extname(entry.name) in types)
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length).replaceAll('\\', '/').replace(/^\//, ''));
    this.names = new Set(names);
    this.cached.clear();
    this.built = page.mtimeMs;
  }

  /** The file of a path such as `/assets/index-1a2b3c4d.js`; `/` is the page itself. Undefined: there is none. */
  find(path: string, acceptEncoding = ''): Promise<ServedFile> | undefined {
    const name = path === '/' ? 'index.html' : path.slice(1);
    if (!path.startsWith('/') || !this.names.has(name)) return undefined;
    const encoding = compressible.test(name) ? preferred(acceptEncoding) : 'identity';
    const key = `${encoding} ${name}`;
    const known = this.cached.get(key);
    if (known) return known;
    const reading = this.read(name, encoding);
    this.cached.set(key, reading);
    reading.catch(() => this.cached.delete(key));
    return reading;
  }

  /** The files that a page of the renderer loads, by what the bundler wrote down about it. */
  async neededBy(page: string): Promise<ReadonlySet<string>> {
    const text = await readFile(join(this.folder, bundleName), 'utf8').catch(() => '{}');
    const bundle = bundleSchema.safeParse(JSON.parse(text)).data ?? {};
    const needed = new Set<string>();
    const take = (key: string): void => {
      const part = bundle[key];
      if (!part || needed.has(part.file)) return;
      for (const file of [part.file, ...part.css, ...part.assets]) needed.add(file);
      for (const other of [...part.imports, ...part.dynamicImports]) take(other);
    };
    take(page);
    return needed;
  }

  private async read(name: string, encoding: Encoding): Promise<ServedFile> {
    const raw = await readFile(join(this.folder, name));
    const body = encoding === 'identity' ? raw : await compress[encoding](raw);
    const hash = createHash('sha256').update(raw).digest('base64url').slice(0, 22);
    return {
      body,
      type: types[extname(name)] ?? 'application/octet-stream',
      etag: `"${hash}-${encoding}"`,
      encoding,
      immutable: /^assets\/.+-[\w-]{8,}\.\w+$/.test(name),
    };
  }
}

function preferred(acceptEncoding: string): Encoding {
  const accepted = acceptEncoding
    .split(',')
    .map((part) => part.trim().split(';'))
    .filter(([, quality]) => quality?.trim() !== 'q=0')
    .map(([name]) => name);
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : 'identity';
}
