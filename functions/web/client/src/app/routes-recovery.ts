import type { AnyRoute } from "@tanstack/react-router";

export const recovery: AnyRoute[] = [];
