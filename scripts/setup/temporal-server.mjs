import { rename } from 'node:fs/promises';
import path from 'node:path';
import { findGoProgram } from './go-program.mjs';
import { go } from './go.mjs';

/** The version that the CLI of the same set-up has inside. Both lack replacements, so `go install` builds them. */
const version = 'v1.29.1';

/** What `go install` calls a program, and what its own help does. */
const programs = [
  { folder: 'cmd/server', built: 'server', name: 'temporal-server', variable: 'TEMPORAL_SERVER_PATH' },
  { folder: 'cmd/tools/sql', built: 'sql', name: 'temporal-sql-tool', variable: 'TEMPORAL_SQL_TOOL_PATH' },
];

/**
 * Finds the Temporal server of production, which keeps its data in MySQL, and the tool that makes its tables.
 * @param {{ after: Promise<unknown> }} options
 * @returns {Promise<{ server: string, sqlTool: string } | undefined>}
 */
export async function findTemporalServer(options) {
  const found = [];
  let { after } = options;
  for (const { folder, built, name, variable } of programs) {
    const source = `go.temporal.io/server/${folder}@${version}`;
    const building = findGoProgram(
      {
        part: 'Temporal server',
        name,
        variable,
        source,
        buildInto: (place) => buildInto(place, { source, built, name }),
      },
      { after },
    );
    found.push(await building);
    after = building;
  }
  const [server, sqlTool] = found;
  return server === undefined || sqlTool === undefined ? undefined : { server, sqlTool };
}

/**
 * @param {string} folder
 * @param {{ source: string, built: string, name: string }} program
 */
async function buildInto(folder, { source, built, name }) {
  const done = await go(['install', source], { env: { GOBIN: path.resolve(folder) } });
  if (!done.ok) throw new Error(done.tail);
  await rename(path.join(folder, built), path.join(folder, name));
}
