/**
 * The coordinator's place at the router: hears what workers ask, has it answered, and signs the answer with the operator's key. Whatever arrives
 * is decoded here; what is no request of a worker gets no answer.
 */
import type { Msg } from '@nats-io/nats-core';
import type { NatsConnection } from '#network/bus/connect.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { Signer } from '#shared/protocol/commands.ts';
import { isInbox, parseSubject, subject } from '#shared/protocol/subjects.ts';
import { coreWorkerName } from './scenario-worker.ts';
import { signAnswer, workRequestSchema, type WorkAnswer, type WorkRequest } from '#shared/protocol/work.ts';

export interface WorkDeskParts {
  readonly connection: NatsConnection;
  readonly environment: EnvironmentName;
  readonly signer: Signer;
  /** null: it is not answered now. */
  readonly answer: (request: WorkRequest) => Promise<WorkAnswer | null>;
  readonly report: (problem: Problem) => void;
}

/** Serves until the returned function is called. */
export function serveWorkers({ connection, environment, signer, answer, report }: WorkDeskParts): () => void {
  const respond = async (message: Msg): Promise<void> => {
    const request = requestOf(message, environment);
    if (request === null) return;
    if (typeof request === 'string') return report(strangeRequest(message.subject, request));
    const made = await answer(request);
    if (!made) return;
    const signed = signAnswer(made, signer);
    if (!connection.isClosed()) message.respond(JSON.stringify(signed));
  };
  const subscription = connection.subscribe(subject(environment, 'work', '*'), {
    callback: (failure, message) => {
      if (failure) return;
      // Without an answer the worker asks again.
      respond(message).catch((thrown: unknown) => {
        const problem = problemOf(thrown);
        // Whoever coordinates now is asked again.
        if (problem.code !== 'deposed') report(problem);
      });
    },
  });
  return () => subscription.unsubscribe();
}

/** null: it cannot be answered; a text: what is wrong with it. */
function requestOf(message: Msg, environment: EnvironmentName): WorkRequest | string | null {
  if (!message.reply || !isInbox(message.reply)) return null;
  let content: unknown;
  try {
    content = message.json();
  } catch {
    return 'it is not JSON';
  }
  const decoded = workRequestSchema.safeParse(content);
  if (!decoded.success) {
    const [issue] = decoded.error.issues;
    return `${issue?.path.join('.') || 'all of it'}: ${issue?.message ?? 'malformed'}`;
  }
  const { worker } = decoded.data;
  // The router lets a daemon ask under its own name only.
  if (parseSubject(message.subject)?.daemon !== worker) return `it speaks for ${worker}`;
  if (worker === coreWorkerName) return `no daemon may be called ${worker}`;
  return decoded.data.environment === environment ? decoded.data : `it is for the environment ${decoded.data.environment}`;
}

function strangeRequest(from: string, what: string): Problem {
  return {
    severity: 'warning',
    code: 'bad-work-request',
    message: `A request of a worker on ${from} cannot be understood (${what}); it was not answered.`,
    tip: 'Is the worker of the version of this core?',
  };
}
