import { Text } from "@mantine/core";
import { Time } from "@/ui/values";
import type { Details } from "./details.api";
import { Part } from "./details-part";
import { capital } from "./details-words";
import classes from "./recovery.module.css";

/** DetailsComments is what people said about a file, and what they were asked to do about it. */
export function DetailsComments({ of: { comments, tasks } }: { of: Details }) {
  return (
    <>
      {comments.length > 0 && (
        <Part title="Comments">
          <ul className={classes.rows}>
            {comments.map((c) => (
              <li key={c.id} className={c.replyTo && classes.answer}>
                <Text size="sm" className={classes.written}>
                  {c.message}
                </Text>
                <Text size="xs" c="dimmed" className={classes.breaking}>
                  {c.by}
                  {c.created && (
                    <>
                      , <Time at={c.created} />
                    </>
                  )}
                  {c.modified && c.modified !== c.created && ", edited"}
                </Text>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {tasks.length > 0 && (
        <Part title="Tasks">
          <ul className={classes.rows}>
            {tasks.map((t, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: Nothing tells two tasks apart, and the list never changes.
              <li key={i}>
                <Text size="sm" className={classes.written}>
                  {capital(t.action)}
                  {t.message && `: ${t.message}`}
                </Text>
                <Text size="xs" c="dimmed" className={classes.breaking}>
                  {t.assignees.map((a) => `${a.who} (${a.state.replaceAll("_", " ")})`).join(", ") ||
                    "Nobody in particular"}
                  {t.by && `, asked by ${t.by}`}
                  {t.due && (
                    <>
                      , due <Time at={t.due} />
                    </>
                  )}
                </Text>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </>
  );
}
