/** Types of processor-burner.mjs, which is plain JavaScript because it runs before anything is set up. */
export function startBurner(count?: number): { readonly pids: readonly number[]; end(): Promise<void> };
