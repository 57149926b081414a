import { backupDetail, backupWork } from "@/lib/backup";
import type { BoxUser } from "@/lib/box-users.api";
import { WorkProgress } from "@/ui/progress";

/** BackupProgress shows how far the backup of a Box user has come; nothing before there is news of it. */
export function BackupProgress({ of: { name, progress } }: { of: BoxUser }) {
  if (!progress) return null;
  return (
    <WorkProgress work={backupWork(progress)} label={`Backup of ${name}`} detail={backupDetail(progress)} />
  );
}
