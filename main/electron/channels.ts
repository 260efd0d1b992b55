/** What page and shell say to each other over Electron's IPC; the preload script is the only one that speaks these for the page. */
export const channels = {
  start: 'testops:start',
  openPort: 'testops:open-port',
  chooseFolder: 'testops:choose-folder',
  chooseBundle: 'testops:choose-bundle',
  chooseExportFile: 'testops:choose-export-file',
  saveText: 'testops:save-text',
  /** From the page: what the native menu offers. */
  menu: 'testops:menu',
  /** To the page: a port to the core, for the request of this number. */
  port: 'testops:port',
  /** To the page: an action was chosen in the menu. */
  action: 'testops:action',
  /** To the page: something was opened from the desktop. */
  opened: 'testops:opened',
} as const;

/** The page's own origin. */
export const pageOrigin = 'app://console';
