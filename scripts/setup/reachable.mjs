import net from 'node:net';

/** A blocked network often swallows packets instead of refusing: past this a download is not worth trying. */
const connectSeconds = 5;

/**
 * Whether a download from this host can be worth trying. Behind a proxy only the download itself can tell.
 * @param {string} host
 * @returns {Promise<boolean>}
 */
export function canReach(host) {
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: 443, timeout: connectSeconds * 1000 });
    const settle = (/** @type {boolean} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
    // A name server that never answers is not covered by the socket's own timeout.
    setTimeout(() => settle(false), connectSeconds * 1000).unref();
  });
}
