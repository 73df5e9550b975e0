import { writeFileSync } from 'node:fs';
import { editorSchemas } from './editor-schemas.ts';

/** `npm run generate:schema`: writes the schemas that config/*.yaml name in their first lines. */
for (const [path, schema] of Object.entries(editorSchemas)) {
  writeFileSync(new URL(`../${path}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`wrote ${path}`);
}
