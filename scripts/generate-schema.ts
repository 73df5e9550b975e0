import { writeFileSync } from 'node:fs';
import { pipelineJsonSchema } from '../src/config/pipelineSchema.ts';
import { recipeJsonSchema } from '../src/portal/recipeSchema.ts';

/** `npm run generate:schema` writes the JSON Schemas by which editors complete and check the YAML files. */
const schemas = {
  'config/pipeline.schema.json': pipelineJsonSchema(),
  'config/recipe.schema.json': recipeJsonSchema(),
};

for (const [path, schema] of Object.entries(schemas)) {
  writeFileSync(new URL(`../${path}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`wrote ${path}`);
}
