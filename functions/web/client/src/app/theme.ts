import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** A petrol that reads well on white and on slate; 4.5:1 against white from shade 7 on. */
const brand: MantineColorsTuple = [
  "#e8f6f5",
  "#d3ebe9",
  "#a6d6d2",
  "#75c0ba",
  "#4eaea6",
  "#34a29a",
  "#1f8f87",
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

/** theme is dense and calm: small type, thin lines, one colour. */
export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  colors: { brand, dark: slate },
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
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
  },
});
