/** Parts of the library, which declares types for its whole only. Importing parts leaves most of it out of the daemon. */
declare module 'systeminformation/lib/memory.js' {
  export { mem } from 'systeminformation';
}
declare module 'systeminformation/lib/filesystem.js' {
  export { fsStats } from 'systeminformation';
}
declare module 'systeminformation/lib/network.js' {
  export { networkStats } from 'systeminformation';
}
declare module 'systeminformation/lib/processes.js' {
  export { processes } from 'systeminformation';
}
