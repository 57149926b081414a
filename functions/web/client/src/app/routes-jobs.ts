import { createRoute } from "@tanstack/react-router";
import { activitySearch } from "@/features/activity/activity-search";
import { jobSearch } from "@/features/jobs/job-search";
import { jobsSearch } from "@/features/jobs/jobs-search";
import { portal } from "./routes";

const list = createRoute({
  getParentRoute: () => portal,
  path: "/jobs",
  validateSearch: jobsSearch,
}).lazy(() => import("@/features/jobs/jobs").then((m) => m.route));

const job = createRoute({
  getParentRoute: () => portal,
  path: "/jobs/$job",
  validateSearch: jobSearch,
}).lazy(() => import("@/features/jobs/job").then((m) => m.route));

const activity = createRoute({
  getParentRoute: () => portal,
  path: "/activity",
  validateSearch: activitySearch,
}).lazy(() => import("@/features/activity/activity").then((m) => m.route));

/** jobs are the pages of what is being restored, and of what was done. */
export const jobs = [list, job, activity];
