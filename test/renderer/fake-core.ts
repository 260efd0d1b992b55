/** A core that a test plays: it is asked and listened to by the contract itself, and tells what the test says, when the test says it. */
import type { Core, Method, MethodRequest, MethodResponse, Stream, StreamItem, StreamRequest } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';

type Answer<M extends Method> = (request: MethodRequest<M>) => MethodResponse<M> | Promise<MethodResponse<M>>;
type Answers = { readonly [M in Method]?: Answer<M> };

interface Listening {
  readonly stream: Stream;
  give(item: unknown): void;
  end(failure?: unknown): void;
}

export class FakeCore implements Core {
  /** Names of methods, in the order in which they were asked. */
  readonly asked: Method[] = [];
  private readonly answers: Answers;
  private readonly listening = new Set<Listening>();

  constructor(answers: Answers = {}) {
    this.answers = answers;
  }

  async request<M extends Method>(method: M, request: MethodRequest<M>): Promise<MethodResponse<M>> {
    this.asked.push(method);
    const answer: Answer<M> | undefined = this.answers[method];
    if (!answer) throw new ProblemError({ code: 'not-played', message: `This core does not answer ${method}.` });
    return answer(request);
  }

  listen<S extends Stream>(stream: S, _request: StreamRequest<S>, listener: (item: StreamItem<S>) => void | Promise<void>) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const listening: Listening = {
      stream,
      // What is given to a stream is of its kind: see `give`.
      give: (item) => void listener(item as StreamItem<S>),
      end: (failure) => (failure === undefined ? resolve() : reject(failure)),
    };
    this.listening.add(listening);
    return { ended: promise, close: () => void this.listening.delete(listening) };
  }

  /** Tells everybody who listens to a stream. */
  give<S extends Stream>(stream: S, item: StreamItem<S>): void {
    for (const each of this.listening) if (each.stream === stream) each.give(item);
  }

  /** Ends a stream, with a failure where there is one. */
  end(stream: Stream, failure?: unknown): void {
    for (const each of this.listening) if (each.stream === stream) each.end(failure);
  }
}
