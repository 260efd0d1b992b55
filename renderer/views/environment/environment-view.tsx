/** The environment as it stands now. */
export function EnvironmentView() {
  return <p>…</p>;
}
