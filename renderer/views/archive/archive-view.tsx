/** The runs that were archived. */
export function ArchiveView() {
  return <p>…</p>;
}
