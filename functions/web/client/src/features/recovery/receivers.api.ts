import { useQuery } from "@tanstack/react-query";
import type { Schema } from "@/lib/api";
import { boxUsersQuery } from "@/lib/box-users.api";

/** useReceivers finds Box users of a task that can receive what is restored: those whom Box lets in. */
export function useReceivers(task: string, q: string) {
  return useQuery({
    ...boxUsersQuery(task, { q: q || undefined, limit: 50 }),
    select: ({ items }) => items.filter(canReceive),
  });
}

/** canReceive reports whether something can be restored to a Box user. */
export function canReceive(user: Schema<"BoxUser">): boolean {
  return user.boxStatus === "active" && user.status !== "Archived";
}
