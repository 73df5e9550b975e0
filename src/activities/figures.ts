/**
 * Everything that decides a figure, from the export's bytes to what the database is asked to load. `codeVersion.ts`
 * hashes these functions and their imports, and nothing else; a new hash makes a period load again. The warehouse is
 * not included: each load proves, before it commits, that the tables hold what the files say.
 */
export { createAggregate } from './aggregate.ts';
export { createCategorize } from './categorize.ts';
export { createClean } from './clean.ts';
export { inspectExport } from './parts/inspectExport.ts';
export { withPublishRequest } from './parts/publishRequest.ts';
export { gateReasons } from '../domain/gateReasons.ts';
export { createNameKeys } from '../domain/nameKeys.ts';
