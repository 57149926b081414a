import {
  CreditCard,
  History,
  House,
  LifeBuoy,
  ListChecks,
  type LucideIcon,
  RotateCcw,
  Settings,
} from "lucide-react";

type Entry = { label: string; to: string; icon: LucideIcon };

/** navigation lists the portal's sections, in the order of the working day. */
export const navigation: readonly Entry[] = [
  { label: "Homepage", to: "/", icon: House },
  { label: "Recovery", to: "/recovery", icon: RotateCcw },
  { label: "Jobs", to: "/jobs", icon: ListChecks },
  { label: "Activity", to: "/activity", icon: History },
  { label: "Billing", to: "/billing", icon: CreditCard },
  { label: "Settings", to: "/settings", icon: Settings },
  { label: "Support", to: "/support", icon: LifeBuoy },
];
