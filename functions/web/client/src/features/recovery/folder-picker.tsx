import { Button, Input, Text, UnstyledButton } from "@mantine/core";
import { Folder as FolderIcon } from "lucide-react";
import { useId, useRef } from "react";
import { Failure, Loading } from "@/ui/states";
import { useFolders } from "./folders.api";
import classes from "./recovery.module.css";
import type { Receiver } from "./restore";
import type { Folder } from "./selection";

type Props = {
  task: string;
  owner: Receiver;
  path: readonly Folder[];
  change: (path: readonly Folder[]) => void;
  error?: string;
};

/** FolderPicker walks through the folders that a Box user had at the latest backup; where one stops is chosen. */
export function FolderPicker({ task, owner, path, change, error }: Props) {
  const label = useId();
  const list = useRef<HTMLElement>(null);
  const walk = (to: readonly Folder[]) => {
    list.current?.focus();
    change(to);
  };
  const root = { id: "0", name: "All Files" };
  const way = [root, ...path];
  return (
    <Input.Wrapper
      label="In the folder"
      labelElement="div"
      labelProps={{ id: label }}
      description={
        owner.snapshot
          ? `As of the latest backup of ${owner.name}`
          : `${owner.name} has no backup yet, so the new folder is made in All Files.`
      }
      error={error}
      role="group"
      aria-labelledby={label}
    >
      {owner.snapshot && (
        <>
          <ol className={`${classes.folders} ${classes.walked}`} aria-label="Chosen folder">
            {way.map(({ id, name }, n) => (
              <li key={id} className={classes.breaking}>
                {n > 0 && <span aria-hidden>/</span>}
                {n === way.length - 1 ? (
                  <strong aria-current="location">{name}</strong>
                ) : (
                  <UnstyledButton
                    c="var(--mantine-color-anchor)"
                    fz="sm"
                    onClick={() => walk(path.slice(0, n))}
                  >
                    {name}
                  </UnstyledButton>
                )}
              </li>
            ))}
          </ol>
          <section ref={list} tabIndex={-1} aria-label={`Folders in ${way.at(-1)?.name}`}>
            <Folders
              place={{ task, user: owner.id, snapshot: owner.snapshot }}
              parent={way.at(-1)?.id ?? root.id}
              open={(folder) => walk([...path, folder])}
            />
          </section>
        </>
      )}
    </Input.Wrapper>
  );
}

type FoldersProps = {
  place: { task: string; user: string; snapshot: string };
  parent: string;
  open: (folder: Folder) => void;
};

function Folders({ place, parent, open }: FoldersProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useFolders(place, parent);
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) return <Loading rows={2} label="Loading the folders" />;
  const folders = data.pages.flatMap((page) => page.items);
  if (folders.length === 0)
    return (
      <Text size="sm" c="dimmed" mt={4}>
        There are no folders in it.
      </Text>
    );
  return (
    <ul className={classes.list}>
      {folders.map(({ id, name, state }) => (
        <li key={id}>
          <UnstyledButton
            className={classes.entry}
            disabled={state === "reference"}
            onClick={() => open({ id, name })}
          >
            <FolderIcon size={15} aria-hidden />
            {name}
            {state === "reference" && " (belongs to another Box user)"}
          </UnstyledButton>
        </li>
      ))}
      {hasNextPage && (
        <li>
          <Button
            size="compact-xs"
            variant="subtle"
            loading={isFetchingNextPage}
            onClick={() => fetchNextPage()}
          >
            Show more folders
          </Button>
        </li>
      )}
    </ul>
  );
}
