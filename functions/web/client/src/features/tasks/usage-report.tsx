import { Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ChevronDown, Download, Mail } from "lucide-react";
import { toProblem } from "@/lib/problem";
import { usageReport, useMailUsageReport } from "./mail-usage-report.api";

/** UsageReport exports every Box user of every backup task, as a file at once or by e-mail. */
export function UsageReport() {
  const mail = useMailUsageReport();
  const send = () =>
    mail.mutate(undefined, {
      onSuccess: () =>
        notifications.show({ message: "The usage report is on its way to your e-mail address." }),
      onError: (error) => notifications.show({ color: "red", message: toProblem(error).message }),
    });
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button
          variant="default"
          loading={mail.isPending}
          leftSection={<Download size={15} aria-hidden />}
          rightSection={<ChevronDown size={14} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Mail size={15} aria-hidden />} onClick={send}>
          Send usage report by e-mail
        </Menu.Item>
        <Menu.Item component="a" href={usageReport} download leftSection={<Download size={15} aria-hidden />}>
          Download usage report
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
