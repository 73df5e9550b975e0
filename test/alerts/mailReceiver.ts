import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

interface ReceivedMail {
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly source: string;
  readonly encrypted: boolean;
}

/** A mail server that keeps what it gets. */
export interface MailReceiver {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** What it says to the next mails instead of taking them: 451 passes, 550 does not. 0: takes it and breaks off. */
  readonly refusals: number[];
  close(): Promise<void>;
}

export const mailUser = 'alert-bot';
export const mailPassword = 'smtp-Passw0rd!';

/** @param startTls whether it offers encryption, with a certificate that nobody has signed */
export async function startMailReceiver({ startTls = false } = {}): Promise<MailReceiver> {
  const mails: ReceivedMail[] = [];
  const refusals: number[] = [];
  const server = new SMTPServer({
    disabledCommands: startTls ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      if (username === mailUser && password === mailPassword) done(null, { user: username });
      else done(Object.assign(new Error(`no such login: ${password ?? ''}`), { responseCode: 535 }));
    },
    onData(stream, session, done) {
      void text(stream).then((source) => {
        const refusal = refusals.shift();
        const to = session.envelope.rcptTo.map(({ address }) => address);
        if (refusal === 0) {
          mails.push({ to, source, encrypted: session.secure });
          for (const connection of connections) connection.destroy();
          return;
        }
        if (refusal !== undefined) {
          done(Object.assign(new Error(`not from ${mailUser}`), { responseCode: refusal }));
          return;
        }
        mails.push({ to, source, encrypted: session.secure });
        done();
      });
    },
  });
  // Clients that break off are part of the tests.
  server.on('error', () => undefined);
  const connections = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => connections.add(socket));
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    port,
    mails,
    refusals,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
