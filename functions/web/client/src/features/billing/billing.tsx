import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createLazyRoute, Link } from "@tanstack/react-router";
import { Cloud } from "lucide-react";
import { many } from "@/lib/format";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { Empty, Failure, Loading } from "@/ui/states";
import { counted } from "./counted.api";
import { CountedTable } from "./counted-table";
import { TrialSection } from "./trial-section";

function Billing() {
  return (
    <Page title="Billing">
      <TrialSection />
      <Section
        title="What is counted"
        lead="Box users that are backed up on schedule, in all backup tasks. Paused and archived ones, and those not activated yet, are not counted."
      >
        <Counted />
      </Section>
    </Page>
  );
}

function Counted() {
  const { data, error, refetch } = useQuery(counted);
  if (error && !data) return <Failure error={error} retry={refetch} />;
  if (!data) return <Loading />;
  if (data.length === 0) {
    return (
      <Empty
        icon={Cloud}
        title="Nothing is counted yet"
        action={
          <Anchor component={Link} to="/" size="sm">
            Go to the homepage
          </Anchor>
        }
      >
        There is no backup task. Create one on the homepage, connect it to Box and activate Box users.
      </Empty>
    );
  }
  return <CountedTable tasks={data} label={`Counted Box users in ${many(data.length, "backup task")}`} />;
}

export const route = createLazyRoute("/portal/billing")({ component: Billing });
