import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { toProblem } from "./problem";

/** polling is how often what moves is asked for anew, in milliseconds; quick while something is in progress. */
export const polling = { quick: 2_000, slow: 30_000 } as const;

/**
 * newQueries returns the cache of what the server said. Ended is called when an answer says that the session has
 * ended. What cannot be reached is tried again, what the server refused is not.
 */
export function newQueries(ended: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (toProblem(error).status === 401) ended();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => {
          const { status } = toProblem(error);
          return failures < 2 && (status === 0 || status >= 500);
        },
        retryDelay: (failures) => 500 * 2 ** failures,
      },
      mutations: { retry: false },
    },
  });
}
