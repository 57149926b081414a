import { Group, Text } from "@mantine/core";
import { File, Folder, Link as LinkIcon, ListChecks } from "lucide-react";
import { type Column, DataTable } from "@/ui/data-table";
import { FilterChoice, Filters } from "@/ui/filters";
import { Pager } from "@/ui/pager";
import { Section } from "@/ui/section";
import { Empty, Failure } from "@/ui/states";
import { Status } from "@/ui/status";
import { None, Size } from "@/ui/values";
import { type JobSearch, outcomeKeys, outcomes } from "./job-search";
import classes from "./ledger.module.css";
import { type JobItem, useJobItems } from "./list-job-items.api";
import { isFinal, type Job } from "./words";

const kinds = {
  file: ["File", File],
  folder: ["Folder", Folder],
  web_link: ["Web link", LinkIcon],
} as const;

const columns: readonly Column<JobItem>[] = [
  { key: "name", header: "Name", cell: (item) => <Name item={item} /> },
  { key: "outcome", header: "Outcome", cell: ({ outcome }) => <Status of={outcomes[outcome]} /> },
  {
    key: "kind",
    header: "Kind",
    cell: ({ kind }) => <span className="nowrap">{kinds[kind][0]}</span>,
    wide: true,
  },
  {
    key: "size",
    header: "Size",
    align: "right",
    cell: ({ kind, size }) => (kind === "file" ? <Size bytes={size} /> : <None label="No size" />),
  },
  {
    key: "reason",
    header: "Reason",
    cell: ({ reason }) => (reason ? <div className={classes.reason}>{reason}</div> : <None />),
  },
];

type Props = { job: Job; search: JobSearch; change: (to: Partial<JobSearch>) => void };

/** Ledger lists what became of each item of the job. */
export function Ledger({ job, search: { outcome, cursor, page }, change }: Props) {
  const items = useJobItems(job, { outcome, cursor });
  const clear = outcome ? () => change({ outcome: undefined }) : undefined;
  return (
    <Section title="Items" lead="What became of each item: files first, then folders and web links.">
      <Filters clear={clear}>
        <FilterChoice
          label="Outcome"
          all={outcomeKeys.map((value) => ({ value, label: outcomes[value] }))}
          value={outcome}
          change={(value) => change({ outcome: value })}
        />
      </Filters>
      {items.error ? (
        <Failure error={items.error} retry={() => items.refetch()} />
      ) : (
        <DataTable
          label="Items of the job"
          columns={columns}
          rows={items.data?.items}
          rowKey={(item) => `${item.kind}:${item.id}`}
          stale={items.isPlaceholderData}
          empty={<Nothing job={job} filtered={outcome !== undefined} />}
        />
      )}
      {items.data && items.data.items.length > 0 && (
        <Pager
          cursor={cursor}
          page={page}
          next={items.data.next}
          total={items.data.total}
          shown={items.data.items.length}
          one="item"
        />
      )}
    </Section>
  );
}

function Name({ item }: { item: JobItem }) {
  const [, Icon] = kinds[item.kind];
  return (
    <Group gap={6} wrap="nowrap">
      <Icon size={15} aria-hidden className={classes.icon} />
      <Text inherit component="span" className={classes.name}>
        {item.name}
      </Text>
    </Group>
  );
}

function Nothing({ job, filtered }: { job: Job; filtered: boolean }) {
  if (filtered) return <Empty icon={ListChecks} title="No item has this outcome" />;
  if (isFinal(job)) return <Empty icon={ListChecks} title="No item was worked on" />;
  return (
    <Empty icon={ListChecks} title="No item has been worked on yet">
      Items appear here as the job gets to them.
    </Empty>
  );
}
