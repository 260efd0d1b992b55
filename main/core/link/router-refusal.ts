/** What a router does not let an operator do, in a sentence for people. */
import type { Problem } from '#shared/problem.ts';
import { subjectRoot } from '#shared/protocol/subjects.ts';

/** @param said the router's own words */
export function routerRefusal(said: string, operator: string, environment: string): Problem {
  if (/violation/i.test(said) && said.includes(`${subjectRoot}.${environment}.`)) {
    return {
      severity: 'error',
      code: 'router-refusal',
      message: `The router does not let ${operator} listen to the environment ${environment}.`,
      tip: "Compare the environment's name, in its file, with the one that the router's configuration gives this user.",
    };
  }
  return {
    severity: 'warning',
    code: 'router-refusal',
    message: `The router refuses something: ${said}.`,
    tip: "Check the permissions of the router's user.",
  };
}
