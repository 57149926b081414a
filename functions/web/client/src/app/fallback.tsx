import { Button, Container } from "@mantine/core";
import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { MapPinOff } from "lucide-react";
import { Empty, Failure } from "@/ui/states";

/** NotFound is the page of addresses that nothing is at. */
export function NotFound() {
  return (
    <Empty
      icon={MapPinOff}
      title="There is nothing at this address"
      action={
        <Button component={Link} to="/" mt="sm">
          Go to the homepage
        </Button>
      }
    >
      The link may be old, or what it led to may have been removed.
    </Empty>
  );
}

/** Crash shows an error that a page did not expect, instead of an empty window. */
export function Crash({ error, reset }: ErrorComponentProps) {
  return (
    <Container size="sm" py="xl">
      <Failure error={error} retry={reset} title="This page could not be shown" />
    </Container>
  );
}
