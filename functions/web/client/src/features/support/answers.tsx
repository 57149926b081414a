import { Anchor, List, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { session } from "@/lib/session";
import { Status } from "@/ui/status";
import classes from "./answers.module.css";

export function Connecting() {
  return (
    <Answer>
      <List type="ordered" size="sm" spacing={4}>
        <List.Item>Create a backup task on the homepage. Box opens and asks you to sign in.</List.Item>
        <List.Item>
          Sign in there as an administrator or co-administrator of the enterprise and grant access. Others
          cannot connect an enterprise.
        </List.Item>
        <List.Item>Back in Coffer, activate the Box users whose content is to be backed up.</List.Item>
      </List>
      <p>
        If Box takes the authorisation back, the task becomes <b>Disconnected</b>, new backups stop, and the
        primary user gets a message. Snapshots stay. Connect the task again on its page, to the same
        enterprise; the next backup goes on from there.
      </p>
    </Answer>
  );
}

const statuses = [
  ["Not Active", "Known, but not backed up. Activate it to begin."],
  ["Scheduled", "Activated, and waiting for its first backup."],
  ["In Process", "A backup is running, or about to begin."],
  ["Success", "The latest backup holds everything."],
  ["Partial", "The latest backup lacks some items, which it lists."],
  ["Failed", "The latest backup made no snapshot. The reason is shown beside it; earlier snapshots stay."],
  ["Paused", "No new backups are made until it is activated again. Snapshots stay."],
  ["Archived", "The Box user has left the enterprise. Snapshots stay."],
] as const;

export function Statuses() {
  return (
    <dl className={classes.meanings}>
      {statuses.map(([status, meaning]) => (
        <Fragment key={status}>
          <dt>
            <Status of={status} />
          </dt>
          <dd>{meaning}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

export function Partial() {
  return (
    <Answer>
      <p>
        Some items could not be read at Box: they are locked, changed all the while, or Box refused them. All
        others are in the snapshot and can be restored. Open the snapshot in <Go to="/recovery">Recovery</Go>{" "}
        to see each missing item and why.
      </p>
      <p>
        If an earlier backup has an earlier version of such a file, that is what the snapshot shows, marked as
        earlier. The next backup tries every missing item again.
      </p>
    </Answer>
  );
}

export function Modes() {
  return (
    <dl className={classes.meanings}>
      <dt>A new folder</dt>
      <dd>
        Everything goes into one new folder, under its old paths. Nothing else at Box is touched. The safe way
        when you are not sure.
      </dd>
      <dt>In place, replace</dt>
      <dd>
        Each chosen item becomes what it was, where it was: renamed and moved ones come back, changed files
        get the old content as a new version, and Box keeps the newer one among its versions. Items that you
        did not choose stay as they are.
      </dd>
      <dt>In place, bypass</dt>
      <dd>Only what is gone comes back, to where it was. What exists is left alone, changed or not.</dd>
    </dl>
  );
}

export function Places() {
  const { account } = useSuspenseQuery(session).data;
  return (
    <Answer>
      <p>
        In {account.locationName}, the AWS region {account.region}, chosen at sign-up, for good. Backups leave
        it only when they are restored to Box.
      </p>
      <p>
        Every content is encrypted with a key of its own before it is stored, and its SHA-1 is compared with
        the one that Box names, on the way in and on the way back. Only portal users of your account can open
        its snapshots.
      </p>
    </Answer>
  );
}

export function Sessions() {
  return (
    <Answer>
      <p>
        A session ends after 30 minutes without use, and 12 hours after it began. A changed password ends all
        other sessions of yours. You can see and end them in{" "}
        <Go to="/settings/security">Security settings</Go>.
      </p>
      <p>
        After 10 failed tries to sign in there is a wait of 15 minutes. A browser that you signed in with
        before is not kept out by the failures of others.
      </p>
    </Answer>
  );
}

function Answer({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" component="div" className={classes.answer}>
      <Stack gap="xs">{children}</Stack>
    </Text>
  );
}

function Go({ to, children }: { to: "/recovery" | "/settings/security"; children: ReactNode }) {
  return (
    <Anchor component={Link} to={to} inherit underline="always">
      {children}
    </Anchor>
  );
}
