import { Alert, List } from "@mantine/core";
import { CircleAlert, Info } from "lucide-react";
import { many } from "@/lib/format";
import { having, type Task } from "@/lib/task";
import { TextLink } from "@/ui/link";
import { whyDisconnected } from "./words";

/** Reminders says which tasks do not back up what they could: not connected, or Box users not activated. */
export function Reminders({ tasks }: { tasks: readonly Task[] }) {
  const cut = tasks.filter((t) => t.connection === "Disconnected");
  const idle = tasks.filter((t) => having(t, "Not Active") > 0);
  const n = idle.reduce((sum, t) => sum + having(t, "Not Active"), 0);
  return (
    <>
      {cut.length > 0 && (
        <Alert
          role="note"
          color="red"
          icon={<CircleAlert size={18} aria-hidden />}
          title={`${many(cut.length, "backup task is", "backup tasks are")} Disconnected`}
        >
          <List size="sm">
            {cut.map((t) => (
              <List.Item key={t.id}>
                <TextLink
                  to="/tasks/$task/settings"
                  params={{ task: t.id }}
                  inherit
                  c="inherit"
                  underline="always"
                >
                  {t.name}
                </TextLink>
                : {whyDisconnected(t)}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {n > 0 && (
        <Alert
          role="note"
          color="blue"
          icon={<Info size={18} aria-hidden />}
          title={`${many(n, "Box user is", "Box users are")} not activated`}
        >
          They are not backed up until you activate them:{" "}
          {idle.map((t, i) => (
            <span key={t.id}>
              {i > 0 && ", "}
              <TextLink
                to="/tasks/$task"
                params={{ task: t.id }}
                search={{ status: "Not Active" }}
                inherit
                c="inherit"
                underline="always"
              >
                {many(having(t, "Not Active"), "Box user")} of {t.name}
              </TextLink>
            </span>
          ))}
        </Alert>
      )}
    </>
  );
}
