/** The radiator on a wall: what it shows, and the links by which a browser without any other right is shown it. */
import { z } from 'zod';
import { campaignIdSchema, campaignOutcomeSchema, testResultSchema } from '#shared/campaign/words.ts';
import { nothing } from './shapes.ts';

const count = z.int().min(0);
/** ms since 1970, core's clock. */
const time = z.number();

/** Who has looked at a campaign that is red. */
export const lookedAtSchema = z.object({ operator: z.string(), at: time });

/** A campaign as a wall shows it. */
export const wallCampaignSchema = z.object({
  campaign: campaignIdSchema,
  name: z.string(),
  environment: z.string(),
  revision: z.string(),
  startedAt: time,
  /** null while it goes on. */
  endedAt: time.nullable(),
  outcome: campaignOutcomeSchema.nullable(),
  tests: count,
  results: z.record(testResultSchema, count),
  /** null: nobody has. */
  lookedAt: lookedAtSchema.nullable(),
  /** Of a copy of a campaign that goes on elsewhere: when it stood so; null: it stands so. */
  asOf: time.nullable(),
});
export type WallCampaign = z.output<typeof wallCampaignSchema>;

const forecast = z.object({ p50: time, p90: time });

const linkId = z.string().regex(/^[0-9a-f]{8}$/, 'not the id of a link');
/** A link as it is listed: its token is told once, when it is made. */
export const radiatorLinkSchema = z.object({ id: linkId, name: z.string(), by: z.string(), since: time });

export const radiatorMethods = {
  /** What whoever has the token of a link is shown, and nothing else: the latest campaigns of each name, and when those that go on will have ended. */
  'radiator.show': {
    request: z.object({ token: z.string().max(256) }),
    response: z.object({
      campaigns: z.array(wallCampaignSchema),
      forecasts: z.array(z.object({ campaign: campaignIdSchema, environment: z.string(), forecast })),
    }),
  },
  /** The links that hold. */
  'radiator.links': { request: nothing, response: z.object({ links: z.array(radiatorLinkSchema) }) },
  /** Makes a link that holds until it is revoked; its token is told here and never again. */
  'radiator.link': {
    request: z.object({ name: z.string().min(1).max(128) }),
    response: radiatorLinkSchema.extend({ token: z.string() }),
  },
  /** Takes a link back; whoever has it is shown nothing any more. */
  'radiator.revoke': { request: z.object({ id: linkId }), response: nothing },
} as const;
