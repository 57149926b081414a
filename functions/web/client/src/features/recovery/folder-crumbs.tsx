import type { Place } from "@/lib/snapshots.api";
import { TextLink } from "@/ui/link";
import classes from "./recovery.module.css";
import type { Folder } from "./selection";
import type { TreeSearch } from "./tree";

type Props = { place: Place; path: readonly Folder[]; search: TreeSearch };

/** FolderCrumbs is the way to the folder that is shown. */
export function FolderCrumbs({ place, path, search }: Props) {
  const folders = [{ id: undefined, name: "All Files" }, ...path];
  return (
    <nav aria-label="Folders">
      <ol className={classes.folders}>
        {folders.map(({ id, name }, n) => (
          <li key={id ?? "root"} className={classes.breaking}>
            {n > 0 && <span aria-hidden>/</span>}
            {n === folders.length - 1 ? (
              <strong aria-current="location">{name}</strong>
            ) : (
              <TextLink
                to="/recovery/$task/$user/$snapshot"
                params={place}
                search={{ ...search, parent: id }}
                inherit
              >
                {name}
              </TextLink>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
