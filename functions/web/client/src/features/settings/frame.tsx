import { Link } from "@tanstack/react-router";
import { Building2, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";

const tabs = [
  { label: "Account", to: "/settings/account", icon: Building2 },
  { label: "Security", to: "/settings/security", icon: ShieldCheck },
] as const;

/** Frame is what the settings pages share: the way from one to the other. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Page title={title}>
      <Tabs label="Settings">
        {tabs.map(({ label, to, icon: Icon }) => (
          <Link key={to} to={to}>
            <Icon size={15} aria-hidden /> {label}
          </Link>
        ))}
      </Tabs>
      {children}
    </Page>
  );
}
