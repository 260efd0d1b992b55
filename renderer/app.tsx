/** The whole console: the theme, and the shell in it. */
import { MantineProvider } from '@mantine/core';
import { useSession } from './stores/session.ts';
import { componentTheme } from './styles/component-theme.ts';
import { Shell } from './views/shell/shell.tsx';

export function App() {
  const theme = useSession((state) => state.theme);
  return (
    <MantineProvider theme={componentTheme} forceColorScheme={theme}>
      <Shell />
    </MantineProvider>
  );
}
