/** The component library in the tokens of `theme.css`: dense, one type scale, one spacing scale, our colours. */
import { createTheme } from '@mantine/core';

const inputVars = () => ({
  wrapper: { '--input-height': 'var(--control-height)', '--input-fz': 'var(--text-normal)', '--input-padding': 'var(--space-2)' },
});
const small = { size: 'xs' } as const;

/** `size="small"`: within a line of text or a row of a table. */
const buttonVars = (_theme: unknown, { size }: { readonly size?: unknown }) => ({
  root:
    size === 'small'
      ? {
          '--button-height': 'var(--control-height-small)',
          '--button-fz': 'var(--text-normal)',
          '--button-padding-x': 'var(--space-1-half)',
        }
      : { '--button-height': 'var(--control-height)', '--button-fz': 'var(--text-normal)', '--button-padding-x': 'var(--control-padding)' },
});

export const componentTheme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-code)',
  fontSizes: {
    xs: 'var(--text-small)',
    sm: 'var(--text-normal)',
    md: 'var(--text-large)',
    lg: 'var(--text-heading)',
    xl: 'var(--text-heading)',
  },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.4', lg: '1.4', xl: '1.4' },
  spacing: { xs: 'var(--space-1)', sm: 'var(--space-2)', md: 'var(--space-3)', lg: 'var(--space-4)', xl: 'var(--space-4)' },
  radius: {
    xs: 'var(--radius-small)',
    sm: 'var(--radius)',
    md: 'var(--radius)',
    lg: 'var(--radius-large)',
    xl: 'var(--radius-dialog)',
  },
  defaultRadius: 'sm',
  colors: {
    // Lightest first, as the library wants them: our text, muted text, borders and surfaces; it takes them in the dark only.
    dark: [
      'var(--text)',
      'var(--text-soft)',
      'var(--muted)',
      'var(--border-strong)',
      'var(--border)',
      'var(--hover)',
      'var(--raised)',
      'var(--surface)',
      'var(--background)',
      'var(--background-deep)',
    ],
  },
  primaryColor: 'blue',
  primaryShade: 8,
  cursorType: 'pointer',
  focusRing: 'auto',
  headings: {
    sizes: { h1: { fontSize: 'var(--text-heading)' }, h2: { fontSize: 'var(--text-large)' }, h3: { fontSize: 'var(--text-normal)' } },
  },
  components: {
    Button: {
      defaultProps: { size: 'xs', variant: 'default' },
      vars: buttonVars,
    },
    ActionIcon: { defaultProps: { size: 24, variant: 'subtle', color: 'gray' } },
    Input: { defaultProps: small, vars: inputVars },
    InputWrapper: {
      defaultProps: small,
      vars: () => ({
        label: {},
        description: { '--input-description-size': 'var(--text-small)' },
        error: { '--input-error-size': 'var(--text-small)' },
      }),
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
