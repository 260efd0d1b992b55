/** Bounds and patience of a link; all of them can be set, mostly so that tests need not wait. */
export interface LinkLimits {
  /** Bytes of records held back behind gaps, over all daemons. What does not fit is asked of the spool again. */
  readonly heldBytes: number;
  /** ms that a gap may mend itself (records that arrive out of order) before the spool is asked. */
  readonly gapDelay: number;
  /** ms for which records that a presence told of may still be on their way. */
  readonly tailDelay: number;
  /** Records asked of a spool at a time. */
  readonly spoolSpan: number;
  /** ms without any message after which an answer of the spool is given up and asked for again. */
  readonly spoolSilence: number;
  /** Fruitless requests after which a gap is declared lost. */
  readonly spoolAttempts: number;
  /** ms for which the spool of an absent daemon is waited for. */
  readonly spoolPatience: number;
  /** ms that fetching what a log lacks may take altogether; what has not come then is lost. */
  readonly recallPatience: number;
  /** ms; an answer to `describe` comes within. */
  readonly describeTimeout: number;
  /** ms after a daemon's first answer in which another daemon of the same name may answer too; none is commanded before. */
  readonly namesakePatience: number;
  /** ms between looks whether more than one daemon of a name is still there. */
  readonly namesakePause: number;
  /** ms after which a value is stale at the earliest; otherwise after three of its intervals. */
  readonly staleAfter: number;
  /** ms between sendings of a command that was not answered. */
  readonly resendAfter: number;
  /** ms of a daemon's silence after which a command that it runs is given up. */
  readonly commandPatience: number;
  /** ms; a command that arrives later is refused by the daemon. */
  readonly commandTimeToLive: number;
  /** ms between looks at silences and stale values. */
  readonly tick: number;
}

export const defaultLimits: LinkLimits = {
  heldBytes: 64 * 1024 * 1024,
  gapDelay: 20,
  tailDelay: 500,
  spoolSpan: 2_000,
  spoolSilence: 5_000,
  spoolAttempts: 12,
  spoolPatience: 120_000,
  recallPatience: 20_000,
  describeTimeout: 2_000,
  namesakePatience: 500,
  namesakePause: 2_000,
  staleAfter: 5_000,
  resendAfter: 1_000,
  commandPatience: 15_000,
  commandTimeToLive: 10_000,
  tick: 250,
};

/** Daemons that a link keeps account of, so that a stranger who invents names cannot fill the memory. */
export const maximumDaemons = 1_000;
