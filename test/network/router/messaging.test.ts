/** What the NATS client protocol promises about messages; the same for the embedded router and for nats-server. */
import { headers } from '@nats-io/nats-core';
import type { Msg } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { targets, until } from './targets.ts';
import type { Target } from './targets.ts';

describe.each(targets)('messages through the $name', (kind) => {
  let target: Target;
  beforeAll(async () => {
    target = await kind.start();
  });
  afterAll(() => target.close());

  describe.each(['TCP', 'WebSocket'])('over %s', (carrier) => {
    const connect = () => target.connect({ url: carrier === 'TCP' ? target.url : target.webSocketUrl });

    test('delivers to plain and wildcard subscriptions, and to nobody else', async () => {
      const [sender, receiver] = [await connect(), await connect()];
      const heard: string[] = [];
      for (const pattern of ['w.a.b', 'w.*.b', 'w.>', 'w.a', 'w.*', 'w.a.b.c', 'w.a.*.>', '*.a.b', '>']) {
        receiver.subscribe(pattern, { callback: (_error, message) => void (message.subject === 'w.a.b' && heard.push(pattern)) });
      }
      await receiver.flush();
      sender.publish('w.a.b', 'x');
      await sender.flush();
      await receiver.flush();
      expect(heard.sort()).toEqual(['*.a.b', '>', 'w.*.b', 'w.>', 'w.a.b']);
      // A listener to everything would answer for everyone in the tests that follow.
      await receiver.close();
    });

    test('carries any bytes, of any length, in order', async () => {
      const [sender, receiver] = [await connect(), await connect()];
      const subject = `bytes.${carrier}`;
      const lengths = [0, 1, 2, 1_000, 4_096, 65_534, 65_536, 65_537, 200_001, 1_048_576, 3, 0, 12_040];
      const payloads = lengths.map((length, index) => Uint8Array.from({ length }, (_, place) => (place * 31 + index) % 256));
      const got: Uint8Array[] = [];
      receiver.subscribe(subject, { callback: (_error, message) => void got.push(message.data.slice()) });
      await receiver.flush();
      for (const payload of payloads) sender.publish(subject, payload);
      await sender.flush();
      await until(() => got.length === payloads.length);
      expect(got.map((each, index) => Buffer.compare(each, payloads[index]!))).toEqual(payloads.map(() => 0));
    });

    test('answers requests, and tells at once that nobody answers', async () => {
      const [asker, answerer] = [await connect(), await connect()];
      const subject = `ask.${carrier}`;
      answerer.subscribe(subject, { callback: (_error, message) => void message.respond(`${message.string()}!`) });
      await answerer.flush();
      expect((await asker.request(subject, 'hello', { timeout: 5_000 })).string()).toBe('hello!');
      const started = Date.now();
      await expect(asker.request('ask.nobody', '', { timeout: 5_000 })).rejects.toThrow(/no responders/);
      await expect(asker.request('ask.nobody', '', { timeout: 5_000, noMux: true })).rejects.toThrow(/no responders/);
      expect(Date.now() - started).toBeLessThan(4_000);
    });

    test('carries headers', async () => {
      const [sender, receiver] = [await connect(), await connect()];
      const subject = `headers.${carrier}`;
      const got: Msg[] = [];
      receiver.subscribe(subject, { callback: (_error, message) => void got.push(message) });
      await receiver.flush();
      const sent = headers();
      sent.set('Testops-Kind', 'samples');
      sent.append('Twice', 'a');
      sent.append('Twice', 'b');
      sender.publish(subject, Uint8Array.of(0, 13, 10, 255), { headers: sent });
      await sender.flush();
      await until(() => got.length === 1);
      expect(got[0]?.headers?.get('Testops-Kind')).toBe('samples');
      expect(got[0]?.headers?.values('Twice')).toEqual(['a', 'b']);
      expect([...(got[0]?.data ?? [])]).toEqual([0, 13, 10, 255]);
    });
  });

  test('gives each message to one member of each queue group, and shares them out', async () => {
    const sender = await target.connect();
    const counts = [0, 0, 0];
    let other = 0;
    let plain = 0;
    for (const index of [0, 1, 2]) {
      const member = await target.connect();
      member.subscribe('queue.work', { queue: 'workers', callback: () => void counts[index]!++ });
      await member.flush();
    }
    const rest = await target.connect();
    rest.subscribe('queue.*', { queue: 'others', callback: () => void other++ });
    rest.subscribe('queue.work', { callback: () => void plain++ });
    await rest.flush();
    for (let index = 0; index < 600; index++) sender.publish('queue.work');
    await sender.flush();
    await until(() => plain === 600 && other === 600 && counts.reduce((a, b) => a + b) >= 600);
    expect(counts.reduce((a, b) => a + b)).toBe(600);
    for (const count of counts) expect(count).toBeGreaterThan(100);
  });

  test('ends a subscription after its maximum, counted from its start', async () => {
    const client = await target.raw();
    client.connect();
    client.send('SUB max.a 1\r\nPUB max.a 1\r\n1\r\nUNSUB 1 3\r\n');
    for (const each of ['2', '3', '4', '5']) client.send(`PUB max.a 1\r\n${each}\r\n`);
    await client.settle();
    expect([...client.received.matchAll(/MSG max\.a 1 1\r\n(\d)/g)].map((match) => match[1])).toEqual(['1', '2', '3']);
    client.send('SUB max.b 2\r\nPUB max.b 0\r\n\r\nPUB max.b 0\r\n\r\nUNSUB 2 1\r\nPUB max.b 0\r\n\r\n');
    await client.settle();
    expect(client.received.split('MSG max.b').length - 1).toBe(2);
    client.send('SUB max.c 3\r\nUNSUB 3\r\nUNSUB 3\r\nUNSUB 99\r\nPUB max.c 0\r\n\r\n');
    await client.settle();
    expect(client.received).not.toContain('MSG max.c');
  });

  test('does not echo to a client that wants none, and then tells it that nobody answers', async () => {
    const client = await target.raw();
    client.connect({ echo: false, headers: true, no_responders: true });
    client.send('SUB echo.x 1\r\nSUB inbox.r 2\r\nPUB echo.x inbox.r 2\r\nhi\r\n');
    await client.settle();
    expect(client.received).not.toContain('MSG echo.x');
    expect(client.received).toContain('HMSG inbox.r 2 16 16\r\nNATS/1.0 503\r\n\r\n\r\n');
  });

  test('takes headers off for a client that does not know them', async () => {
    const old = await target.raw();
    old.connect();
    old.send('SUB bare 7\r\n');
    await old.settle();
    const sender = await target.raw();
    sender.connect({ headers: true });
    sender.send('HPUB bare re.ply 18 23\r\nNATS/1.0\r\nA: b\r\n\r\nhello\r\n');
    await sender.settle();
    await old.settle();
    expect(old.received).toContain('MSG bare 7 re.ply 5\r\nhello\r\n');
  });

  test('confirms every operation when it is to be verbose', async () => {
    const client = await target.raw();
    client.connect({ verbose: true });
    client.send('SUB verbose 1\r\nPUB verbose 2\r\nhi\r\nUNSUB 1\r\n');
    await client.settle();
    expect(client.received.split('+OK\r\n').length - 1).toBe(4);
  });

  test('accepts lower case, tabs, many blanks, bare line feeds and single bytes', async () => {
    const client = await target.raw();
    client.connect();
    client.send('sub\tsloppy.*    1\r\nPub  sloppy.a\t  3\r\nabc\r\npUB sloppy.b re 2\r\nhi\r\n');
    for (const byte of 'PUB sloppy.c 5\r\nslow!\r\n') {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.settle();
    expect(client.received).toContain('MSG sloppy.a 1 3\r\nabc\r\n');
    expect(client.received).toContain('MSG sloppy.b 1 re 2\r\nhi\r\n');
    expect(client.received).toContain('MSG sloppy.c 1 5\r\nslow!\r\n');
  });

  test('refuses patterns that are none, and stays connected', async () => {
    const client = await target.raw();
    client.connect();
    for (const pattern of ['a..b', '.a', 'a.', '>.a']) client.send(`SUB ${pattern} 1\r\n`);
    await client.settle();
    expect(client.received.split("-ERR 'Invalid Subject'\r\n").length - 1).toBe(4);
  });

  test('warns a pedantic client of subjects with wildcards', async () => {
    const client = await target.raw();
    client.connect({ pedantic: true });
    client.send('PUB a.* 0\r\n\r\n');
    await client.settle();
    expect(client.received).toContain("-ERR 'Invalid Publish Subject'");
  });

  test.each([
    ['an unknown operation', 'HELLO router\r\n', "-ERR 'Unknown Protocol Operation'"],
    ['a payload above the maximum', 'PUB big 1048577\r\n', "-ERR 'Maximum Payload Violation'"],
    ['a payload that is longer than announced', 'PUB x 2\r\nabcdef\r\n', "-ERR 'Unknown Protocol Operation'"],
    ['an endless control line', `PUB ${'x'.repeat(5_000)}`, "-ERR 'maximum control line exceeded'"],
  ])('cuts off a client that sends %s', async (_what, bytes, answer) => {
    const client = await target.raw();
    client.connect();
    client.send(bytes);
    await client.closed();
    expect(client.received.toLowerCase()).toContain(answer.toLowerCase());
  });

  test.each([
    ['sizes that are none', 'PUB x abc\r\n'],
    ['too many words', 'PUB a b c 1\r\n'],
    ['headers longer than the message', 'HPUB x 20 10\r\n'],
    ['headers without having asked for them', 'HPUB x 12 12\r\nNATS/1.0\r\n\r\n\r\n'],
    ['a CONNECT that is no JSON', 'CONNECT {nonsense\r\n'],
    ['SUB without an id', 'SUB x\r\n'],
  ])('cuts off a client that sends %s', async (_what, bytes) => {
    const client = await target.raw();
    client.connect();
    client.send(bytes);
    await client.closed();
    expect(client.ended).toBe(true);
  });

  test('keeps the library from sending more than the maximum', async () => {
    const client = await target.connect();
    expect(client.info?.max_payload).toBe(1_048_576);
    expect(() => client.publish('big', new Uint8Array(1_048_577))).toThrow(/payload/);
  });
});
