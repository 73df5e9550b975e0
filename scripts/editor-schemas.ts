import { z } from 'zod';
import { pipelineSchema } from '../src/config/pipelineSchema.ts';
import { recipeSchema } from '../src/portal/recipeSchema.ts';

/** The JSON Schemas by which editors complete and check the YAML files, by the path that each is kept at. */
export const editorSchemas: Readonly<Record<string, unknown>> = {
  'config/pipeline.schema.json': editorSchema(pipelineSchema(() => true)),
  'config/recipe.schema.json': editorSchema(recipeSchema),
};

/**
 * Draft 7 is what editors' YAML plug-ins know best. Parts used again become references: a recipe's steps
 * repeat the same ways to find things so often that written out they would fill 17 MB.
 */
function editorSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    reused: 'ref',
    override: ({ jsonSchema }) => keepBesideReference(jsonSchema),
  });
}

/** Draft 7 ignores whatever stands beside a `$ref`, such as a description. */
function keepBesideReference(schema: z.core.JSONSchema.BaseSchema): void {
  const { $ref, ...others } = schema;
  if ($ref === undefined || Object.keys(others).length === 0) return;
  delete schema.$ref;
  schema.allOf = [{ $ref }];
}
