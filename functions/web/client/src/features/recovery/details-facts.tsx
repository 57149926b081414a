import type { ReactNode } from "react";
import { Facts } from "@/ui/facts";
import { Email, None, Size, Time } from "@/ui/values";
import type { Details } from "./details.api";
import { kindWord } from "./item-name";
import classes from "./recovery.module.css";

const lacks: Partial<Record<Details["state"], string>> = {
  absent: "Not backed up: Box did not give its content",
  earlier: "An earlier version: the latest could not be backed up",
  reference: "It belongs to another Box user, whose backup has it",
};

/** DetailsFacts is what every item has, and what it has of its own. */
export function DetailsFacts({ of: item }: { of: Details }) {
  const facts: [string, ReactNode][] = [["Kind", kindWord(item.kind)]];
  const add = (name: string, value: ReactNode) => value && facts.push([name, value]);
  const folders = ["All Files", ...item.path.slice(0, -1).map((f) => f.name)].join(" / ");
  add("Folder", folders);
  add("In the backup", lacks[item.state]);
  if (item.kind === "file" && item.size !== undefined)
    facts.push(["Size", <Size key="size" bytes={item.size} />]);
  add("Address", item.url);
  add("Classification", item.classification);
  add("Owner", item.ownedBy && <Owner key="owner" of={item} />);
  facts.push(["Created", <When key="created" at={item.created} by={item.createdBy} />]);
  facts.push(["Modified", <When key="modified" at={item.modified} by={item.modifiedBy} />]);
  add("Content created", item.contentCreated && <Time key="written" at={item.contentCreated} />);
  add("Content modified", item.contentModified && <Time key="rewritten" at={item.contentModified} />);
  add("Box ID", item.id);
  add(
    "SHA-1",
    item.sha1 && (
      <code key="sha1" className={classes.hash}>
        {item.sha1}
      </code>
    ),
  );
  return <Facts of={facts} dense />;
}

function Owner({ of: { ownedBy = "", external } }: { of: Details }) {
  return (
    <>
      <Email of={ownedBy} />
      {external && ", of another company"}
    </>
  );
}

function When({ at, by }: { at: string | undefined; by: string | undefined }) {
  if (!at) return by ? <Email of={by} /> : <None label="Unknown" />;
  return (
    <>
      <Time at={at} />
      {by && (
        <>
          {" by "}
          <Email of={by} />
        </>
      )}
    </>
  );
}
