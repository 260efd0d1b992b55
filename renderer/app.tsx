/** One whole console: its stores, the theme, and the shell in it. */
import { MantineProvider } from '@mantine/core';
import { StoresContext } from './stores/context.ts';
import { useSession } from './stores/session.ts';
import type { Stores } from './stores/stores.ts';
import { componentTheme } from './styles/component-theme.ts';
import { Shell } from './views/shell/shell.tsx';

export function App({ stores }: { readonly stores: Stores }) {
  return (
    <StoresContext value={stores}>
      <Themed />
    </StoresContext>
  );
}

function Themed() {
  const theme = useSession((state) => state.theme);
  return (
    <MantineProvider theme={componentTheme} forceColorScheme={theme}>
      <Shell />
    </MantineProvider>
  );
}
