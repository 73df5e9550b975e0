import { customType, date, datetime, decimal } from 'drizzle-orm/mysql-core';

/**
 * Text columns name their collation themselves. Drizzle has no such option for MySQL, and a server's default collation
 * treats NÚÑEZ and NUNEZ as one person. In the type, it holds on every server and in every migration generated later.
 */
export const binaryText = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

export const exactText = customType<{ data: string; config: { length: number }; configRequired: true }>({
  dataType: (config) => `varchar(${config.length}) ${binaryText}`,
});

/** Text of one length: keys, digests, `YYYY-MM`. */
export const fixedText = customType<{ data: string; config: { length: number }; configRequired: true }>({
  dataType: (config) => `char(${config.length}) ${binaryText}`,
});

/** JSON as text: MySQL's own JSON type reorders keys, MariaDB has none. Up to 16 MiB. */
export const jsonText = customType<{ data: string }>({ dataType: () => `mediumtext ${binaryText}` });

/** Sums of dollars. Decimals are strings on the way in and out, so that no cent passes through a binary float. */
export const dollarTotal = (name: string) => decimal(name, { precision: 18, scale: 2 });

/** `YYYY-MM-DD`, as text. */
export const day = (name: string) => date(name, { mode: 'string' });
/** `YYYY-MM-DD hh:mm:ss.mmm` in UTC, as text. */
export const instant = (name: string) => datetime(name, { mode: 'string', fsp: 3 });
