/** Which names the server answers to: a page elsewhere must not reach it under a name of its own (DNS rebinding). */
import { isIP } from 'node:net';

/**
 * Whether a request's Host is one of ours: an address, localhost, or a name that the operator listed.
 * @param host the header, with or without port
 */
export function isOurHost(host: string | undefined, names: readonly string[]): boolean {
  if (host === undefined || !URL.canParse(`http://${host}/`)) return false;
  const { hostname } = new URL(`http://${host}/`);
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 || bare === 'localhost' || names.includes(bare);
}
