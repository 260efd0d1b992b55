/**
 * Uploads a campaign's Allure results with `allurectl`, the program that Allure TestOps gives for it: found in the path, told its server, project
 * and launch in the variables that it documents. Its token comes of the variable ALLURE_TOKEN or of a file, and is in nothing that is told.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProblemError } from '#shared/problem.ts';

/** Characters of what it says last that are told. */
const toldEnd = 1_000;
/** ms that an upload may take. */
const patience = 30 * 60_000;

export interface UploadTarget {
  /** Of the server. */
  readonly endpoint: string;
  /** Number of the project; ALLURE_PROJECT_ID unless given. */
  readonly project?: string | undefined;
  /** Name of the launch. */
  readonly launch: string;
  /** Holds the token; ALLURE_TOKEN unless given. */
  readonly tokenFile?: string | undefined;
}

/** @param write puts the results into a folder and tells how many files they are */
export async function uploadResults(target: UploadTarget, write: (folder: string) => Promise<number>): Promise<number> {
  const { endpoint, launch } = target;
  const token = await tokenOf(target);
  const project = target.project ?? process.env['ALLURE_PROJECT_ID'];
  if (project === undefined)
    throw new ProblemError({
      code: 'no-project',
      message: 'It is not known into which project of Allure TestOps the results belong.',
      tip: 'Set ALLURE_PROJECT_ID.',
    });
  const folder = await mkdtemp(join(tmpdir(), 'testops-allurectl-'));
  try {
    const results = join(folder, 'allure-results');
    const files = await write(results);
    const variables = { ALLURE_ENDPOINT: endpoint, ALLURE_TOKEN: token, ALLURE_PROJECT_ID: project, ALLURE_LAUNCH_NAME: launch };
    await execute(['upload', results], { ...process.env, ...variables }, token);
    return files;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tokenOf({ tokenFile }: UploadTarget): Promise<string> {
  const read = tokenFile === undefined ? process.env['ALLURE_TOKEN'] : await readFile(tokenFile, 'utf8').catch(() => '');
  const token = read?.trim() ?? '';
  if (token !== '') return token;
  throw new ProblemError({
    code: 'secret-not-readable',
    message: 'There is no token for Allure TestOps.',
    tip: 'Set ALLURE_TOKEN, or name a file that holds it under results.allurectl.tokenFile.',
    ...(tokenFile !== undefined && { file: tokenFile }),
  });
}

async function execute(words: readonly string[], env: NodeJS.ProcessEnv, secret: string): Promise<void> {
  const child = spawn('allurectl', words, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: patience });
  let said = '';
  const keep = (chunk: Buffer): void => void (said = `${said}${chunk.toString()}`.slice(-10 * toldEnd));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = await new Promise<string | null>((resolve) => {
    child.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ENOENT' ? 'it is not in the path' : `it cannot be started (${code})`),
    );
    child.once('close', (status, signal) => resolve(status === 0 ? null : `it ended with ${signal ?? `exit status ${status}`}`));
  });
  if (ended === null) return;
  const last = said.replaceAll(secret, '…').trim().slice(-toldEnd);
  throw new ProblemError({
    code: 'results-not-uploaded',
    message: `allurectl has not uploaded the results of the campaign: ${ended}.${last === '' ? '' : ` It said: ${last}`}`,
    tip: 'Upload them again with testops campaign export, --format allurectl.',
  });
}
