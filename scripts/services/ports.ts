import getPort, { portNumbers } from 'get-port';

/** Another program can take a port between our look and a server's start; thrice in a row it is no accident. */
const startAttempts = 3;

/** The port that the environment names, else a free one of the loopback. */
export async function portFrom(variable: string): Promise<number> {
  const text = process.env[variable];
  if (text === undefined || text === '') return freePort();
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${variable} is '${text}'; expected a port number from 1 to 65535.`);
  }
  return port;
}

/** A port that was free a moment ago. Another program may still be quicker, so a start on it may fail. */
export function freePort(): Promise<number> {
  return getPort({ host: '127.0.0.1' });
}

/** The same, for a server that keeps its ports in a column for at most 32,767. */
export function freeLowPort(): Promise<number> {
  return getPort({ host: '127.0.0.1', port: portNumbers(20_000, 32_000) });
}

/** Starts a server that picks a free port, and once more where another program was quicker to take it. */
export async function startOnFreePort<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === startAttempts || !/address already in use/i.test(String(error))) throw error;
    }
  }
}
