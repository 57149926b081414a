import { backupDetail, backupWork } from "@/lib/backup";
import { WorkProgress } from "@/ui/progress";
import type { BoxUser } from "./list-box-users.api";

/** BackupProgress shows how far the backup of a Box user has come; nothing before there is news of it. */
export function BackupProgress({ of: { name, progress } }: { of: BoxUser }) {
  if (!progress) return null;
  return (
    <WorkProgress work={backupWork(progress)} label={`Backup of ${name}`} detail={backupDetail(progress)} />
  );
}
