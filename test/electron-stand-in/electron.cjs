/** What the shell's `require('electron')` finds; see stand-in.ts. */
module.exports = globalThis.standIn.electron;
