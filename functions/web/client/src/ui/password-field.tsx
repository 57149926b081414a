import { Group, List, PasswordInput, type PasswordInputProps } from "@mantine/core";
import { Circle, CircleCheck, Eye, EyeOff } from "lucide-react";
import { rules } from "@/lib/password";

const Icon = ({ reveal }: { reveal: boolean }) =>
  reveal ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />;

/** PasswordField asks for a password. What was typed can be looked at, also by keyboard. */
export function PasswordField(props: PasswordInputProps) {
  return (
    <PasswordInput
      visibilityToggleIcon={Icon}
      visibilityToggleFocusable
      visibilityToggleButtonProps={{ "aria-label": "Show what was typed" }}
      {...props}
    />
  );
}

type NewProps = PasswordInputProps & { value: string; email: string };

/** NewPasswordField asks for a new password of whom the e-mail address belongs to, and shows what is asked of it. */
export function NewPasswordField({ email, ...props }: NewProps) {
  return (
    <PasswordField
      autoComplete="new-password"
      {...props}
      inputWrapperOrder={["label", "input", "error", "description"]}
      descriptionProps={{ component: "div" }}
      description={<Rules password={props.value} email={email} />}
    />
  );
}

function Rules({ password, email }: { password: string; email: string }) {
  return (
    <List listStyleType="none" size="xs" mt={4} c="dimmed" spacing={2}>
      {rules(password, email).map(({ label, met }) => (
        <List.Item key={label} c={met ? "var(--mantine-color-text)" : undefined}>
          <Group gap={6} component="span" wrap="nowrap">
            {met ? (
              <CircleCheck size={13} color="var(--mantine-primary-color-filled)" aria-hidden />
            ) : (
              <Circle size={13} aria-hidden />
            )}
            <span>
              {label}
              {met && <span className="for-screen-readers">: done</span>}
            </span>
          </Group>
        </List.Item>
      ))}
    </List>
  );
}
