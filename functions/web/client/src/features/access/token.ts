import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";

/**
 * useToken returns the token of a mailed link, which is behind the address's #, and takes it out of the address, so
 * that it stays in neither the history nor a screenshot. A link that is opened in the same tab later replaces it.
 */
export function useToken(): string {
  const hash = useRouterState({ select: (s) => s.location.hash });
  const navigate = useNavigate();
  const [token, setToken] = useState(hash);
  if (hash && hash !== token) setToken(hash);
  useEffect(() => {
    if (hash) navigate({ to: ".", hash: "", replace: true });
  }, [hash, navigate]);
  return token;
}
