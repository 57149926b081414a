import { queryOptions, useMutation } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";

/** locations are the places where an account made here can live. */
export const locations = queryOptions({
  queryKey: ["sign-up", "locations"],
  queryFn: ({ signal }) => answer(api.GET("/api/sign-up", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** useSignUp has a mail sent with the link that activates a new account. */
export function useSignUp() {
  return useMutation({
    mutationFn: (body: Schema<"SignUp">) => answer(api.POST("/api/sign-up", { body })),
  });
}
