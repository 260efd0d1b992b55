/** How long hosts and the core's process wait for each other. */

/** ms that a core has to close its runs before it is ended anyway. */
export const endPatience = 15_000;
