/** `testops radiator link|list|revoke`: who is shown the radiator without a token of their own. */
import { withCore } from '../core-access.ts';
import { formatTable, inert } from '../terminal.ts';

interface RadiatorOptions {
  readonly archive: string | undefined;
}

export function makeRadiatorLink(name: string, { address, ...options }: RadiatorOptions & { readonly address?: string }): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const { id, token } = await core.request('radiator.link', { name });
    terminal.line(`${(address ?? '').replace(/\/+$/, '')}/radiator#${token}`);
    const { dim } = terminal.colours;
    if (address === undefined) terminal.line(dim('Put the address of a served core or of a console before it: https://core.example:7400'));
    terminal.line(dim(`It is told now and never again, and holds until: testops radiator revoke ${id}`));
  });
}

export function listRadiatorLinks({ json, ...options }: RadiatorOptions & { readonly json?: boolean }): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const { links } = await core.request('radiator.links', {});
    if (json) return terminal.line(JSON.stringify(links));
    if (links.length === 0) return terminal.line('There is no link to the radiator.');
    const rows = links.map(({ id, name, by, since }) => [id, name, by, new Date(since).toISOString()]);
    for (const line of formatTable([['ID', 'NAME', 'BY', 'SINCE'], ...rows])) terminal.line(inert(line));
  });
}

export function revokeRadiatorLink(id: string, options: RadiatorOptions): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    await core.request('radiator.revoke', { id });
    terminal.line('Whoever has this link is shown nothing any more.');
  });
}
