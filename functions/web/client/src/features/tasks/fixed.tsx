import { useSuspenseQuery } from "@tanstack/react-query";
import { session } from "@/lib/session";
import { Facts } from "@/ui/facts";

/** Fixed shows the settings that cannot be changed here. */
export function Fixed({ region }: { region: string }) {
  const { account } = useSuspenseQuery(session).data;
  return (
    <Facts
      of={[
        ["Backup Data Center", `${account.locationName}, ${region}`],
        ["Moving to another region", "Only with our support"],
      ]}
    />
  );
}
