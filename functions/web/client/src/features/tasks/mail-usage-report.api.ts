import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";

/** usageReport is the address of the usage report as a CSV file. */
export const usageReport = "/api/usage-report.csv";

/** useMailUsageReport has the usage report mailed to the portal user. */
export function useMailUsageReport() {
  return useMutation({ mutationFn: () => answer(api.POST("/api/usage-report")) });
}
