import { Button } from "@mantine/core";
import { createLazyRoute, useNavigate } from "@tanstack/react-router";
import { beyond } from "@/lib/form";
import { toProblem } from "@/lib/problem";
import { Refused } from "@/ui/states";
import { useActivate } from "./activate.api";
import { Frame } from "./frame";
import { BadLink } from "./notice";
import { useToken } from "./token";

function Activate() {
  const token = useToken();
  return <Activation key={token} token={token} />;
}

// The button is there for programs that open every link of a mail: they would use it up.
function Activation({ token }: { token: string }) {
  const navigate = useNavigate();
  const activate = useActivate();
  const ended = token
    ? toProblem(activate.error).field("token")
    : "A part of it is missing. Open it from the e-mail once more, or sign up again.";
  if (ended) {
    return (
      <BadLink
        title="This link does not work"
        reason={ended}
        action={{ label: "Sign up again", to: "/sign-up" }}
      >
        Is the account active already? Then go to sign-in: you need the link only once.
      </BadLink>
    );
  }
  return (
    <Frame
      title="Activate your account"
      lead="One step is left. Then sign in with your e-mail address and the password that you chose."
    >
      <Refused error={beyond(activate.error, ["token"])} />
      <Button
        fullWidth
        autoFocus
        loading={activate.isPending || activate.isSuccess}
        onClick={() =>
          activate.mutate(token, {
            onSuccess: () => navigate({ to: "/sign-in", search: { notice: "activated" }, replace: true }),
          })
        }
      >
        Activate the account
      </Button>
    </Frame>
  );
}

export const route = createLazyRoute("/activate")({ component: Activate });
