/** A browser names those it descends from as well; the first of these that it names is what it is. */
const browsers: readonly [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|Chromium|HeadlessChrome|CriOS)\//, "Chrome"],
  [/\bVersion\/\S+ .*Safari\//, "Safari"],
];

const systems: readonly [RegExp, string][] = [
  [/\bWindows\b/, "Windows"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/** agentName says in words what browser on what system calls itself so: "Firefox on Windows". */
export function agentName(agent: string): string {
  const find = (all: readonly [RegExp, string][]) => all.find(([pattern]) => pattern.test(agent))?.[1];
  const program = agent.match(/^([^\s/]+)\//)?.[1]; // a program other than a browser: curl/8.5.0
  const browser = find(browsers) ?? (program === "Mozilla" ? undefined : program) ?? "Unknown browser";
  const system = find(systems);
  return system ? `${browser} on ${system}` : browser;
}
