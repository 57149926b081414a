import { Button, Menu, Text, useMantineColorScheme } from "@mantine/core";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronDown, LogOut, Monitor, Moon, Settings, Sun } from "lucide-react";
import { answer, api } from "@/lib/api";
import { session, tellTabs } from "@/lib/session";

const schemes = [
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
  ["auto", "As the system", Monitor],
] as const;

/** AccountMenu shows who is signed in, and changes the look or signs out. */
export function AccountMenu() {
  const { data } = useSuspenseQuery(session);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choose = (value: string | null) => {
    const scheme = schemes.find(([s]) => s === value)?.[0];
    if (scheme) setColorScheme(scheme);
  };
  const signOut = useMutation({
    mutationFn: () => answer(api.DELETE("/api/session")),
    onSettled: () => {
      tellTabs();
      window.location.assign("/sign-in"); // a fresh page forgets all that it knew
    },
  });
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          c="inherit"
          size="xs"
          rightSection={<ChevronDown size={14} aria-hidden />}
        >
          {data.user.name || data.user.email}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="xs" truncate>
            {data.user.email}
          </Text>
          <Text size="xs" truncate>
            {data.account.company}
          </Text>
        </Menu.Label>
        <Menu.Item component={Link} to="/settings" leftSection={<Settings size={15} aria-hidden />}>
          Settings
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label id="colors">Colors</Menu.Label>
        <Menu.RadioGroup aria-labelledby="colors" value={colorScheme} onChange={choose}>
          {schemes.map(([scheme, label, Icon]) => (
            <Menu.RadioItem
              key={scheme}
              value={scheme}
              closeMenuOnClick={false}
              rightSection={<Icon size={15} aria-hidden />}
            >
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item
          leftSection={<LogOut size={15} aria-hidden />}
          disabled={signOut.isPending}
          onClick={() => signOut.mutate()}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
