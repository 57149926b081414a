import { Group, Text } from "@mantine/core";
import { Time } from "@/ui/values";
import type { Details } from "./details.api";
import { Part } from "./details-part";
import { capital, opensFor } from "./details-words";
import classes from "./recovery.module.css";

/** DetailsSharing is who else could see an item. The link is no link here: it may be open to nobody any more. */
export function DetailsSharing({ of: { sharedLink, collaborations } }: { of: Details }) {
  return (
    <>
      {sharedLink && (
        <Part title="Shared link">
          <Text size="sm">{opensFor(sharedLink)}.</Text>
          {sharedLink.url && <code className={classes.hash}>{sharedLink.url}</code>}
          {sharedLink.vanity && (
            <Text size="sm" c="dimmed" className={classes.breaking}>
              Custom name: {sharedLink.vanity}
            </Text>
          )}
          {sharedLink.expires && (
            <Text size="sm" c="dimmed">
              Until <Time at={sharedLink.expires} />
            </Text>
          )}
        </Part>
      )}
      {collaborations.length > 0 && (
        <Part title="Collaborators">
          <ul className={classes.rows}>
            {collaborations.map((c) => (
              <li key={`${c.who} ${c.login} ${c.role} ${c.created}`}>
                <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
                  <Text size="sm" className={classes.breaking}>
                    {c.who}
                    {c.group && " (a group)"}
                  </Text>
                  <Text size="sm">{capital(c.role)}</Text>
                </Group>
                <Text size="xs" c="dimmed" className={classes.breaking}>
                  {[c.login !== c.who && c.login, c.status !== "accepted" && capital(c.status)]
                    .filter(Boolean)
                    .join(" · ")}
                  {c.expires && (
                    <>
                      {" Until "}
                      <Time at={c.expires} />
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
