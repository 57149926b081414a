import { createTheme, DEFAULT_THEME, type MantineColorsTuple } from "@mantine/core";

/** A petrol that reads well on white and on slate; 4.5:1 against white from shade 6 on. */
const brand: MantineColorsTuple = [
  "#e8f6f5",
  "#d3ebe9",
  "#a6d6d2",
  "#75c0ba",
  "#4eaea6",
  "#34a29a",
  "#178078",
  "#0f766e",
  "#0b5d57",
  "#064742",
];

const slate: MantineColorsTuple = [
  "#d5dbe1",
  "#b4bec8",
  "#94a1ae",
  "#6b7987",
  "#45525f",
  "#36424e",
  "#27313b",
  "#1b232b",
  "#151b22",
  "#0f1419",
];

type Shades = [string, string, string, string];

/** darker returns one of Mantine's colors with other darkest shades, where its own are too light to read. */
function darker(name: "red" | "green" | "yellow", last: Shades): MantineColorsTuple {
  const [a, b, c, d, e, f] = DEFAULT_THEME.colors[name];
  return [a, b, c, d, e, f, ...last];
}

/** theme is dense and calm: small type, thin lines, one colour. */
export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.18, // from there on black reads better than white
  colors: {
    brand,
    dark: slate,
    red: darker("red", ["#dc2f2f", "#d32f2f", "#c62828", "#b71c1c"]),
    green: darker("green", ["#37b24d", "#2f9e44", "#2b8a3e", "#1f6b30"]),
    yellow: darker("yellow", ["#f59f00", "#f08c00", "#b86200", "#8a4f00"]),
  },
  defaultRadius: "md",
  radius: { md: "6px" },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "24px" },
      h2: { fontSize: "21px" },
      h3: { fontSize: "17px" },
      h4: { fontSize: "15px" },
    },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { allowDeselect: false } },
    Modal: { defaultProps: { centered: true, size: "lg", overlayProps: { backgroundOpacity: 0.45 } } },
    ModalHeader: { defaultProps: { role: "none" } }, // the page has one banner, a dialog none
    DrawerHeader: { defaultProps: { role: "none" } },
    Notification: {
      defaultProps: { closeButtonProps: { "aria-label": "Close" } },
      styles: { description: { color: "var(--mantine-color-text)" } }, // below a title, too
    },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
  },
});
