import { defineConfig } from 'drizzle-kit';

/** `npm run generate:migration` writes the next migration from the schema; it needs no database. */
export default defineConfig({
  dialect: 'mysql',
  schema: './drizzle.schema.cjs',
  out: './src/warehouse/migrations',
});
