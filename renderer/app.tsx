/** The whole console. */
export function App() {
  return null;
}
