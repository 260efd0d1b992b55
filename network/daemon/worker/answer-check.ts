/** Whether what arrived is the coordinator's answer to this worker's question: signed by a key that may give work here, and new. */
import { z } from 'zod';
import type { DaemonName, EnvironmentName, Epoch } from '#shared/identifiers.ts';
import type { Verifier } from '#shared/protocol/commands.ts';
import { signedAnswerSchema, workAnswerSchema, workBytes, workVersion, type WorkAnswer } from '#shared/protocol/work.ts';
import type { Policy } from '../execution/policy.ts';

export interface AnswerCheckOptions {
  readonly environment: EnvironmentName;
  readonly worker: DaemonName;
  readonly epoch: Epoch;
  readonly policy: Pick<Policy, 'knows' | 'allowsWork'>;
  /** That the worker executes; who may give work of one of them is heard. */
  readonly adapters: readonly string[];
  readonly verify: Verifier;
}

export interface CheckedAnswer {
  readonly answer: WorkAnswer;
  readonly key: string;
}

export interface FalseAnswer {
  readonly code: 'malformed' | 'unknown-key' | 'not-allowed' | 'bad-signature' | 'other-version' | 'misdirected' | 'replayed';
  /** A sentence. */
  readonly reason: string;
}

/** @param asked the nonce of the question */
export function checkAnswer(bytes: Uint8Array, asked: string, options: AnswerCheckOptions): CheckedAnswer | FalseAnswer {
  const signed = signedAnswerSchema.safeParse(parseJson(Buffer.from(bytes).toString('utf8'))).data;
  if (!signed) return { code: 'malformed', reason: 'It is not a signed answer.' };
  const { policy, adapters, verify } = options;
  if (!policy.knows(signed.key))
    return { code: 'unknown-key', reason: 'This daemon does not trust the key. Add it under "trust" of daemon.yaml.' };
  if (!policy.allowsWork(signed.key, adapters)) {
    return {
      code: 'not-allowed',
      reason: 'Whose key this is may give no work here. Add "work" to what is allowed under "trust" of daemon.yaml.',
    };
  }
  if (!verify(signed.key, workBytes(signed.answer), Buffer.from(signed.signature, 'base64url'))) {
    return { code: 'bad-signature', reason: 'The signature is not that of the key over this answer.' };
  }
  const content = parseJson(signed.answer);
  const version = z.object({ version: z.int() }).safeParse(content).data?.version;
  if (version !== undefined && version !== workVersion) {
    const mend = version < workVersion ? 'update the core' : 'update this daemon';
    return {
      code: 'other-version',
      reason: `The answer is of version ${version} and this daemon takes version ${workVersion} only; ${mend}.`,
    };
  }
  const answer = workAnswerSchema.safeParse(content).data;
  if (!answer) return { code: 'malformed', reason: 'The signed text is no answer.' };
  return direction(answer, asked, options) ?? { answer, key: signed.key };
}

function direction(answer: WorkAnswer, asked: string, { environment, worker, epoch }: AnswerCheckOptions): FalseAnswer | undefined {
  if (answer.environment !== environment || answer.worker !== worker) {
    return { code: 'misdirected', reason: `The answer is for ${answer.environment}/${answer.worker}, this is ${environment}/${worker}.` };
  }
  if (answer.epoch !== epoch) return { code: 'misdirected', reason: 'The answer is for another start of this daemon.' };
  return answer.nonce === asked ? undefined : { code: 'replayed', reason: 'The answer is not to the question that was asked.' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
