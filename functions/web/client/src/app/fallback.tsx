import { Button, Container, Stack, Text } from "@mantine/core";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Page } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";

/** NotFound is the page of addresses that nothing is at. */
export function NotFound() {
  return (
    <Page title="There is nothing at this address">
      <Stack align="flex-start">
        <Text>The link may be old, or what it led to may have been removed.</Text>
        <Button component={Link} to="/">
          Go to the homepage
        </Button>
      </Stack>
    </Page>
  );
}

/** Opening stands in for the portal until it is known who is signed in. */
export function Opening() {
  return (
    <Container component="main" size="sm" py="xl">
      <h1 className="for-screen-readers">Coffer</h1>
      <Loading />
    </Container>
  );
}

/** Crash shows an error that a page did not expect, instead of an empty window. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    router.invalidate();
  };
  return (
    <Container component="main" size="sm" py="xl">
      <Page title="This page could not be shown">
        <Failure error={error} retry={retry} title="What happened" />
      </Page>
    </Container>
  );
}
