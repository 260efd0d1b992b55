/** The component library in our scale: dense, one type scale (11/12/13/16 px), one spacing scale (4/8/12/16 px). */
import { createTheme } from '@mantine/core';

const inputVars = () => ({ wrapper: { '--input-height': '26px', '--input-fz': '12px', '--input-padding': '8px' } });
const small = { size: 'xs' } as const;

export const componentTheme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-code)',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '16px', xl: '16px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.4', lg: '1.4', xl: '1.4' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '16px' },
  radius: { xs: '2px', sm: '3px', md: '3px', lg: '4px', xl: '6px' },
  defaultRadius: 'sm',
  colors: {
    // Lightest first, as the library wants them: our text, muted text, borders and surfaces of the dark theme.
    dark: ['#e4e8ee', '#c3cad5', '#a0a9b8', '#7b8596', '#363d48', '#2a3039', '#23282f', '#1a1e24', '#14171c', '#0e1014'],
  },
  primaryColor: 'blue',
  primaryShade: 8,
  cursorType: 'pointer',
  focusRing: 'auto',
  headings: { sizes: { h1: { fontSize: '16px' }, h2: { fontSize: '13px' }, h3: { fontSize: '12px' } } },
  components: {
    Button: {
      defaultProps: { size: 'xs', variant: 'default' },
      vars: () => ({ root: { '--button-height': '26px', '--button-fz': '12px', '--button-padding-x': '10px' } }),
    },
    ActionIcon: { defaultProps: { size: 24, variant: 'subtle', color: 'gray' } },
    Input: { defaultProps: small, vars: inputVars },
    InputWrapper: {
      defaultProps: small,
      vars: () => ({ label: {}, description: { '--input-description-size': '11px' }, error: { '--input-error-size': '11px' } }),
    },
    TextInput: { defaultProps: small },
    NumberInput: { defaultProps: small },
    Textarea: { defaultProps: small },
    Select: { defaultProps: { ...small, comboboxProps: { shadow: 'md' } } },
    MultiSelect: { defaultProps: small },
    Autocomplete: { defaultProps: small },
    Checkbox: { defaultProps: small },
    Switch: { defaultProps: small },
    SegmentedControl: { defaultProps: { ...small, transitionDuration: 0 } },
    Badge: { defaultProps: { size: 'sm', variant: 'light', radius: 'sm' } },
    Table: { defaultProps: { fz: 'sm', verticalSpacing: 3, horizontalSpacing: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, fz: 'sm' } },
    Modal: {
      defaultProps: {
        centered: true,
        // A header outside of the page would be taken for a second banner.
        attributes: { header: { role: 'none' } },
        closeButtonProps: { 'aria-label': 'Close' },
        padding: 'lg',
        // Above and below a dialog there is room for a line of notices, which never cover it.
        yOffset: 40,
        transitionProps: { duration: 0 },
        overlayProps: { backgroundOpacity: 0.5 },
      },
    },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 0 } } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 0 } } },
    Kbd: { defaultProps: { size: 'xs' } },
    Text: { defaultProps: { size: 'sm' } },
  },
});
