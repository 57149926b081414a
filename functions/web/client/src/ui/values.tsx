import { Text, Tooltip } from "@mantine/core";
import { ago, count, date, dateTime, size, utc } from "@/lib/format";

/** None stands where there is no value, and says so to screen readers. */
export function None({ label = "None" }: { label?: string }) {
  return (
    <Text span c="dimmed" inherit>
      <span aria-hidden>–</span>
      <span className="for-screen-readers">{label}</span>
    </Text>
  );
}

/** Time shows a moment in the viewer's zone, and in UTC on hover or focus. */
export function Time({ at, relative = false }: { at?: string; relative?: boolean }) {
  if (!at) return <None label="Never" />;
  const local = dateTime(at);
  return (
    <Tooltip
      label={relative ? `${local} (${utc(at)})` : utc(at)}
      events={{ hover: true, focus: true, touch: true }}
    >
      <time dateTime={at} className="nowrap">
        {relative ? ago(at, new Date()) : local}
      </time>
    </Tooltip>
  );
}

/** Day shows the day of a moment in the viewer's zone, and the moment in UTC on hover or focus. */
export function Day({ at }: { at: string }) {
  return (
    <Tooltip label={utc(at)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at} className="nowrap">
        {date(at)}
      </time>
    </Tooltip>
  );
}

/** Size shows bytes in a readable unit, and exactly on hover. */
export function Size({ bytes }: { bytes: number }) {
  return (
    <span className="number" title={`${count(bytes)} bytes`}>
      {size(bytes)}
    </span>
  );
}

/** Count shows a whole number. */
export function Count({ n }: { n: number }) {
  return <span className="number">{count(n)}</span>;
}

/** Email shows an e-mail address, which breaks before its @ where there is little room. */
export function Email({ of: address }: { of: string }) {
  const at = address.lastIndexOf("@");
  return (
    <>
      {address.slice(0, Math.max(0, at))}
      <wbr />
      {address.slice(Math.max(0, at))}
    </>
  );
}
