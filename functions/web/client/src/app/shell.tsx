import { Burger, Drawer, NavLink } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { AccountMenu } from "./account-menu";
import { navigation } from "./navigation";
import classes from "./shell.module.css";

/** Shell is what surrounds every page of somebody who is signed in. */
export function Shell() {
  const [opened, menu] = useDisclosure(false);
  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <header className={classes.header}>
        <Burger
          className={classes.burger}
          opened={opened}
          onClick={menu.toggle}
          size="sm"
          aria-label="Navigation"
          aria-expanded={opened}
        />
        <Link to="/" className={classes.brand}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          Coffer
        </Link>
        <AccountMenu />
      </header>
      <div className={classes.side}>
        <nav className={classes.entries} aria-label="Main">
          <Entries />
        </nav>
      </div>
      <Drawer
        opened={opened}
        onClose={menu.close}
        size={260}
        title="Coffer"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <nav aria-label="Main">
          <Entries close={menu.close} />
        </nav>
      </Drawer>
      <main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
    </div>
  );
}

function Entries({ close }: { close?: () => void }) {
  const path = useRouterState({ select: (s) => s.location.pathname });
  return navigation.map(({ label, to, icon: Icon }) => {
    const active = to === "/" ? path === "/" || path.startsWith("/tasks") : path.startsWith(to);
    return (
      <NavLink
        key={to}
        component={Link}
        to={to}
        label={label}
        active={active}
        aria-current={active ? "page" : undefined}
        leftSection={<Icon size={17} aria-hidden />}
        onClick={close}
        className={classes.entry}
      />
    );
  });
}
