import { Box, Group, Text, UnstyledButton } from "@mantine/core";
import { File, FileArchive, FileImage, FileSpreadsheet, FileText, Folder, Globe } from "lucide-react";
import type { ReactNode } from "react";
import type { Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import { TextLink } from "@/ui/link";
import classes from "./recovery.module.css";
import type { TreeSearch } from "./tree";

type Item = Schema<"Item">;

const endings = [
  [FileImage, /\.(avif|bmp|gif|heic|jpe?g|png|psd|svg|tiff?|webp)$/i],
  [FileSpreadsheet, /\.(csv|gsheet|numbers|ods|xlsx?)$/i],
  [FileArchive, /\.(7z|bz2|gz|rar|tar|tgz|zip)$/i],
  [FileText, /\.(boxnote|docx?|gdoc|md|odt|pages|pdf|rtf|txt)$/i],
] as const;

function iconOf({ kind, name }: Item) {
  if (kind === "folder") return Folder;
  if (kind === "web_link") return Globe;
  return endings.find(([, ending]) => ending.test(name))?.[0] ?? File;
}

/** kindWord names the kind of an item. */
export function kindWord(kind: Item["kind"]): string {
  return { folder: "Folder", file: "File", web_link: "Web link" }[kind];
}

type Props = {
  item: Item;
  /** The login of the Box user whose archive it is. */
  login: string;
  place: Place;
  /** Where in the address a folder is opened. */
  open: TreeSearch;
  /** Shows the item's details. */
  show: () => void;
};

/** ItemName shows what an item is called, and in words what the snapshot lacks of it. A folder can be opened, of others the details. */
export function ItemName({ item, login, place, open, show }: Props) {
  const Icon = iconOf(item);
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <Box pt={2} lh={0} c={item.kind === "folder" ? "brand" : "dimmed"}>
        <Icon size={16} role="img" aria-label={kindWord(item.kind)} />
      </Box>
      <Box miw={140} maw={520}>
        {item.kind === "folder" && item.state !== "reference" ? (
          <TextLink
            to="/recovery/$task/$user/$snapshot"
            params={place}
            search={open}
            inherit
            className={classes.breaking}
          >
            {item.name}
          </TextLink>
        ) : (
          <UnstyledButton className={classes.opens} onClick={show}>
            {item.name}
          </UnstyledButton>
        )}
        {item.url && <Note>{item.url}</Note>}
        {item.state === "absent" && <Note>Not backed up: Box did not give its content</Note>}
        {item.state === "earlier" && <Note>An earlier version: the latest could not be backed up</Note>}
        {item.state === "reference" ? (
          <Note>
            Belongs to another Box user
            {item.ownedBy && (
              <>
                {", see the backup of "}
                <TextLink
                  to="/recovery/$task"
                  params={{ task: place.task }}
                  search={{ q: item.ownedBy }}
                  inherit
                  underline="always"
                >
                  {item.ownedBy}
                </TextLink>
              </>
            )}
          </Note>
        ) : (
          item.ownedBy && item.ownedBy !== login && <Note>Owned by {item.ownedBy}</Note>
        )}
      </Box>
    </Group>
  );
}

function Note({ children }: { children: ReactNode }) {
  return (
    <Text size="xs" c="dimmed" className={classes.breaking}>
      {children}
    </Text>
  );
}
