/** A served core: tokens, TLS, whose name is recorded, and the door of a console to it. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { doorInProcess } from '#main/core-process/core-door.ts';
import { ChannelEnd, portOver } from '#main/core-process/text-channel.ts';
import { doorOfRemote } from '#main/web/remote-door.ts';
import { contractProtocol, startRemoteHost, tokenProtocol, type RemoteHostOptions } from '#main/web/remote-host.ts';
import { readTokenFile } from '#main/web/token-file.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import { Ownership } from '#shared/disposable.ts';
import { nextMessage, openSocket, smallCore } from './sample-host.ts';

const alice = 'a'.repeat(40);
const bob = 'b'.repeat(40);
const tokens = [
  { operator: 'alice', token: alice },
  { operator: 'bob', token: bob },
];
let owned: Ownership;
let folder: string;
beforeEach(async () => {
  owned = new Ownership();
  folder = await mkdtemp(join(tmpdir(), 'testops-remote-'));
  owned.own(() => rm(folder, { recursive: true, force: true }));
});
afterEach(() => owned.dispose());

async function serve(options: Partial<RemoteHostOptions> = {}) {
  const core = smallCore();
  const host = owned.own(await startRemoteHost({ core: doorInProcess(core), host: '127.0.0.1', port: 0, tokens, ...options }));
  return { core, host, port: Number(new URL(host.url).port) };
}

/** A certificate for 127.0.0.1 that signs itself. */
async function certificate(): Promise<{ certificate: string; key: string }> {
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=core'];
  execFileSync('openssl', [...words, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', file], { stdio: 'ignore' });
  return { certificate: await readFile(file, 'utf8'), key: await readFile(key, 'utf8') };
}

describe('a served core', () => {
  test('lets in by a bearer token, and records whose it is', async () => {
    const { core, port } = await serve();
    const socket = await openSocket(port, { authorization: `Bearer ${bob}` });
    socket.send(JSON.stringify({ kind: 'request', id: 1, method: 'runs.list', request: {} }));
    expect(await nextMessage(socket)).toMatchObject({ kind: 'response' });
    expect(core.operators).toEqual(['bob']);
  });

  test('lets in by a token among the subprotocols, and does not send it back', async () => {
    const { core, port } = await serve();
    const socket = await openSocket(port, {}, '/contract', [contractProtocol, `${tokenProtocol}${alice}`]);
    expect(socket.protocol).toBe(contractProtocol);
    expect(core.operators).toEqual(['alice']);
  });

  test.each([
    ['no token', {}],
    ['a wrong token', { authorization: `Bearer ${'c'.repeat(40)}` }],
    ['a part of one', { authorization: `Bearer ${alice.slice(1)}` }],
    ['another scheme', { authorization: `Basic ${alice}` }],
  ])('refuses %s', async (_, headers: Record<string, string>) => {
    const { core, port } = await serve();
    await expect(openSocket(port, headers)).rejects.toThrow('refused with 401');
    expect(core.operators).toEqual([]);
  });

  test('makes an address that tries many wrong tokens wait', async () => {
    const { port } = await serve();
    for (let attempt = 0; attempt < 10; attempt++) await expect(openSocket(port, {})).rejects.toThrow('refused with 401');
    await expect(openSocket(port, { authorization: `Bearer ${alice}` })).rejects.toThrow('refused with 429');
  });

  test('is not served beyond this machine without TLS', async () => {
    for (const host of ['0.0.0.0', '192.0.2.1', '::', 'core.example']) {
      await expect(serve({ host })).rejects.toMatchObject({ problem: { code: 'tls-wanted' } });
    }
  });

  test('refuses a certificate that cannot be used', async () => {
    await expect(serve({ tls: { certificate: 'rubbish', key: 'rubbish' } })).rejects.toMatchObject({
      problem: { code: 'bad-certificate' },
    });
  });
});

describe('a console connects to a served core', () => {
  test('over TLS, with the authority that signed its certificate', async () => {
    const tls = await certificate();
    const told = vi.fn();
    const { core, host } = await serve({ tls, onConsole: told });
    await expect(doorOfRemote({ url: host.url, token: alice })).rejects.toMatchObject({ problem: { code: 'core-not-reached' } });
    const door = await doorOfRemote({ url: host.url, token: alice, authority: tls.certificate });
    const console = owned.own(connectContract(portOver(door.open({ operator: null }))));
    expect(await console.request('runs.list', {})).toEqual({ runs: [] });
    expect(core.operators).toContain('alice');
    expect(told).toHaveBeenCalledWith('alice', true);
  });

  test('and is told when it ends', async () => {
    const { host } = await serve();
    const door = await doorOfRemote({ url: host.url.replace('/contract', ''), token: alice });
    const closed = vi.fn();
    door.open({ operator: null }).onClose(closed);
    await host.dispose();
    // That the host is gone says nothing of the core.
    await vi.waitFor(() => expect(closed).toHaveBeenCalledExactlyOnceWith(null));
  });

  test.each([
    ['was ended by SIGKILL', 'was ended by SIGKILL'],
    [`could not be started (${'ä'.repeat(200)})`, expect.stringMatching(/^could not be started \(ä+/) as string],
    [null, null],
  ])('and is told what its host knows of the end of the core: %s', async (coreEnd, told) => {
    const channels: ChannelEnd[] = [];
    const open = (): ChannelEnd => {
      const channel = new ChannelEnd(
        () => undefined,
        () => undefined,
      );
      channels.push(channel);
      return channel;
    };
    const { host } = await serve({ core: { open } });
    const door = await doorOfRemote({ url: host.url, token: alice });
    const closed = vi.fn();
    const before = channels.length;
    door.open({ operator: null }).onClose(closed);
    await vi.waitFor(() => expect(channels.length).toBe(before + 1));
    channels.at(-1)?.closed(coreEnd);
    await vi.waitFor(() => expect(closed).toHaveBeenCalledExactlyOnceWith(told));
  });

  test.each([
    ['not an address', 'bad-address'],
    ['http://127.0.0.1:1', 'bad-address'],
    ['ws://core.example:7400', 'tls-wanted'],
    ['ws://127.0.0.1:9', 'core-not-reached'],
  ])('not at %s', async (url, code) => {
    await expect(doorOfRemote({ url, token: alice })).rejects.toMatchObject({ problem: { code } });
  });

  test('not with a token that is nobody’s', async () => {
    const { host } = await serve();
    await expect(doorOfRemote({ url: host.url, token: 'c'.repeat(40) })).rejects.toMatchObject({
      problem: { code: 'core-not-reached', message: expect.stringContaining('does not know this token') as string },
    });
  });
});

describe('a token file', () => {
  const written = async (text: string, mode = 0o600): Promise<string> => {
    const file = join(folder, 'tokens');
    await writeFile(file, text);
    await chmod(file, mode);
    return file;
  };

  test('names operators and their tokens', async () => {
    expect(await readTokenFile(await written(`# the team\nalice ${alice}\n\nbob ${bob}\n`))).toEqual(tokens);
  });

  test.each([
    ['', /names nobody/],
    ['alice short', /Line 1 is not/],
    [`alice ${alice} more`, /Line 1 is not/],
    [`# x\n<b>alice</b> ${alice}`, /Line 2 is not/],
    [`alice ${alice}\nbob ${alice}`, /same token/],
  ])('with %j is refused', async (text, message) => {
    await expect(readTokenFile(await written(text))).rejects.toThrow(message);
  });

  test('that others can read is refused', async () => {
    await expect(readTokenFile(await written(`alice ${alice}`, 0o644))).rejects.toThrow('Others can read this token file.');
  });

  test('that is not there is refused', async () => {
    await expect(readTokenFile(join(folder, 'none'))).rejects.toThrow('There is no such token file.');
  });
});
