import { existsSync } from 'node:fs';
import { isLoopback } from '../../domain/loopback.ts';
import { ConfigError } from '../configError.ts';
import { SettingsReader, type Environment } from '../settingsReader.ts';
import { loginMistake } from './webAddress.ts';

interface BrowserSettings {
  /**
   * The browser to start; undefined for Playwright's own. The order: the one that the environment names, Playwright's
   * own if installed, the system's. `playwrightsOwn` is the value of Playwright's `chromium.executablePath()`: a call
   * here would load Playwright into the client, and into workers that never use the portal.
   */
  readonly executable: (playwrightsOwn: string) => string | undefined;
  /** The one that the environment names. */
  readonly named?: string;
  /** The proxy through which this machine reaches the web, if any. */
  readonly siteProxy?: { readonly url: string; readonly bypasses: (host: string) => boolean };
}

const systemChromium = '/usr/bin/chromium';

/** @throws ConfigError if the environment names a browser that does not exist */
export function browserSettings(env: Environment): BrowserSettings {
  const reader = new SettingsReader(env);
  const named = reader.optional('EHR_CHROMIUM', {
    wanted: 'the path of a Chromium or Chrome binary',
    mistake: (path) => (existsSync(path) ? undefined : `${path}, which does not exist`),
  });
  const executable = (playwrightsOwn: string) =>
    named ?? (!existsSync(playwrightsOwn) && existsSync(systemChromium) ? systemChromium : undefined);
  const proxy = siteProxy(env);
  return reader.finish({
    executable,
    ...(named === undefined ? {} : { named }),
    ...(proxy === undefined ? {} : { siteProxy: proxy }),
  });
}

/** Whether a browser can show a window. */
export function hasDisplay(env: Environment = process.env): boolean {
  const named = [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((each) => (each ?? '') !== '');
  return named || process.platform === 'darwin' || process.platform === 'win32';
}

/**
 * Read as browsers and most programs do. The address may hold a password.
 * @throws ConfigError if the proxy's address is invalid
 */
export function siteProxy(env: Environment): BrowserSettings['siteProxy'] {
  const url = firstSet(env, ['HTTPS_PROXY', 'https_proxy']);
  if (url === undefined) return undefined;
  const mistake = proxyMistake(url);
  if (mistake !== undefined) {
    throw new ConfigError([
      `HTTPS_PROXY: got ${mistake}, wanted a proxy: http://host:port or https://host:port`,
    ]);
  }
  const exempt = (firstSet(env, ['NO_PROXY', 'no_proxy']) ?? '')
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/:\d+$/, '')
        .replace(/^\*?\./, ''),
    )
    .filter((entry) => entry !== '');
  const bypasses = (host: string) =>
    isLoopback(host) || exempt.some((entry) => entry === '*' || host === entry || host.endsWith(`.${entry}`));
  return { url, bypasses };
}

function firstSet(env: Environment, variables: readonly string[]): string | undefined {
  return variables.map((variable) => env[variable]).find((value) => value !== undefined && value !== '');
}

/** Never quotes the address. */
function proxyMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const url = new URL(text);
  const { protocol, hostname } = url;
  if (protocol !== 'http:' && protocol !== 'https:') return `an address that begins with ${protocol}`;
  return hostname === '' ? 'an address without a host' : loginMistake(url);
}
