/** The dialog of links to the radiator: made for a wall, told once, revoked. */
import { Button, Group, Loader, Modal, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { dateAndTime } from '#shared/wording/times.ts';
import { inertText } from '../../components/inert-text.ts';
import { createCampaignDeeds, useCampaignDeeds } from '../../stores/campaigns/campaign-deeds.ts';
import { createRadiatorLinks, useRadiatorLinks } from '../../stores/campaigns/radiator-links.ts';
import { useStores } from '../../stores/context.ts';
import style from './campaigns.module.css';

function Made() {
  const { copyAddress } = useStores().get(createRadiatorLinks);
  const made = useRadiatorLinks((state) => state.made);
  if (!made) return null;
  return (
    <div role="status" className={style['made']}>
      <p>
        Open this address on the wall. It is told now and never again, and shows the radiator to whoever has it, until it is revoked.
        {made.address.startsWith('/') && ' Put the address of a browser console, or of a served core, before it.'}
      </p>
      <code tabIndex={0} aria-label="Address">
        {made.address}
      </code>
      <Button onClick={() => void copyAddress()}>Copy</Button>
    </div>
  );
}

function Links() {
  const { revokeLink } = useStores().get(createRadiatorLinks);
  const links = useRadiatorLinks((state) => state.links);
  const problem = useRadiatorLinks((state) => state.problem);
  if (problem)
    return (
      <p role="alert">
        {inertText(problem.message)} {problem.tip !== undefined && inertText(problem.tip)}
      </p>
    );
  if (!links) return <Loader size={16} />;
  if (links.length === 0) return <p>There is no link yet.</p>;
  return (
    <ul className={style['links']} aria-label="Links">
      {links.map(({ id, name, by, since }) => (
        <li key={id}>
          <span>
            <strong>{inertText(name)}</strong>, made by {inertText(by)}, {dateAndTime(since)}
          </span>
          <Button aria-label={`Revoke ${name}`} onClick={() => void revokeLink(id)}>
            Revoke
          </Button>
        </li>
      ))}
    </ul>
  );
}

function LinksForm() {
  const { readLinks, makeLink } = useStores().get(createRadiatorLinks);
  const refused = useRadiatorLinks((state) => state.problem !== null);
  const [name, setName] = useState('');
  useEffect(() => void readLinks(), []);
  return (
    <>
      <p>A wall needs no token of a person: a link shows it the radiator, and opens nothing else.</p>
      <Links />
      <Made />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void makeLink(name.trim());
          setName('');
        }}
      >
        <TextInput
          label="Which wall"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={128}
          mb="md"
          data-autofocus
        />
        <Group justify="flex-end" gap="sm">
          <Button type="submit" variant="filled" disabled={name.trim() === '' || refused}>
            Make a link
          </Button>
        </Group>
      </form>
    </>
  );
}

export function RadiatorLinksDialog() {
  const { close } = useStores().get(createCampaignDeeds);
  const opened = useCampaignDeeds(({ dialog }) => dialog === 'links');
  return (
    <Modal opened={opened} onClose={close} title="Links to the radiator" size={560} closeButtonProps={{ 'aria-label': 'Close' }}>
      <LinksForm />
    </Modal>
  );
}
