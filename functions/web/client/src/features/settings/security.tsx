import { createLazyRoute } from "@tanstack/react-router";
import { ChangePassword } from "./change-password";
import { Frame } from "./frame";
import { Sessions } from "./sessions";

function Security() {
  return (
    <Frame title="Security settings">
      <ChangePassword />
      <Sessions />
    </Frame>
  );
}

export const route = createLazyRoute("/portal/settings/security")({ component: Security });
