import mysql from 'mysql2';
import type { ConnectionOptions } from 'mysql2/promise';

type AuthPlugins = NonNullable<ConnectionOptions['authPlugins']>;
type AuthPlugin = AuthPlugins[string];

/**
 * How to sign in over an unencrypted connection. A password encrypted with a key that the server offers goes to
 * whichever server offers one, so such a server gets nothing. With the server's own public key configured, the password
 * is encrypted for that server alone. The other methods send proofs of the password, never the password.
 */
export function openWayPlugins(publicKey: string | undefined): AuthPlugins {
  if (publicKey === undefined) {
    return {
      caching_sha2_password: withoutOfferedKey(mysql.authPlugins.caching_sha2_password()),
      sha256_password: withoutOfferedKey(mysql.authPlugins.sha256_password()),
      mysql_clear_password: refusing,
    };
  }
  const serverPublicKey = publicKey;
  return {
    caching_sha2_password: mysql.authPlugins.caching_sha2_password({ serverPublicKey }),
    sha256_password: mysql.authPlugins.sha256_password({ serverPublicKey }),
    mysql_clear_password: refusing,
  };
}

/** The driver requests the server's key with a packet of one byte; proofs of the password are longer, or empty. */
function withoutOfferedKey(plugin: AuthPlugin): AuthPlugin {
  return (metadata) => {
    const answer = plugin(metadata);
    return (data) => {
      const next = answer(data);
      return Buffer.isBuffer(next) && next.length === 1 ? refuse() : next;
    };
  };
}

const refusing: AuthPlugin = () => refuse;

function refuse(): never {
  throw Object.assign(new Error('the server asks for the password over a way that is not encrypted'), {
    code: 'PASSWORD_WITHOUT_TLS',
    fatal: true,
  });
}
