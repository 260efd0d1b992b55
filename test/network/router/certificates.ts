/** Certificates for tests, made with the openssl program in a folder that the test removes. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Undefined where openssl is not installed; the tests of TLS are then left out, except under CI. */
export const openssl = ['/usr/bin/openssl', '/usr/local/bin/openssl', '/opt/homebrew/bin/openssl'].find((path) => existsSync(path));
export const withoutOpenssl = openssl === undefined && !process.env['CI'];
if (withoutOpenssl) console.warn('openssl is not installed: the tests of TLS are left out.');

export interface Certificates {
  readonly folder: string;
  /** Paths. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly otherAuthority: string;
  /** PEM texts. */
  readonly authorityText: string;
  readonly client: { readonly certificate: string; readonly key: string };
  /** Signed by an authority that nobody knows. */
  readonly stranger: { readonly certificate: string; readonly key: string };
  remove(): Promise<void>;
}

export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  const at = (name: string): string => join(folder, name);
  const call = (...args: string[]) => run(openssl ?? 'openssl', args, { cwd: folder });
  const newKeyArguments = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  const authority = async (name: string): Promise<void> => {
    await call('req', '-x509', ...newKeyArguments, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '2', '-subj', `/CN=${name}`);
  };
  const signed = async (name: string, by: string, names: string): Promise<void> => {
    await call('req', ...newKeyArguments, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    await writeFile(at(`${name}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'];
    await call('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.pem`, '-days', '2', '-extfile', `${name}.ext`);
  };
  await Promise.all([authority('authority'), authority('other')]);
  await signed('router', 'authority', 'IP:127.0.0.1,DNS:localhost');
  await signed('client', 'authority', 'DNS:client');
  await signed('stranger', 'other', 'DNS:stranger');
  const text = (name: string) => readFile(at(name), 'utf8');
  return {
    folder,
    authority: at('authority.pem'),
    certificate: at('router.pem'),
    key: at('router.key'),
    otherAuthority: at('other.pem'),
    authorityText: await text('authority.pem'),
    client: { certificate: await text('client.pem'), key: await text('client.key') },
    stranger: { certificate: await text('stranger.pem'), key: await text('stranger.key') },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
