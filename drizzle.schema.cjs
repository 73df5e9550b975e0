// All tables by name, as drizzle-kit wants them: those of the reports are made from their definitions, which no
// export statement can name.
const { historyTables, rollupTables, rowTables } = require('./src/warehouse/reportTables.ts');

module.exports = { ...require('./src/warehouse/schema.ts') };
for (const [name, table] of Object.entries(rowTables)) module.exports[name] = table;
for (const [name, table] of Object.entries(rollupTables)) module.exports[`${name}Summary`] = table;
for (const [name, table] of Object.entries(historyTables)) {
  if (table !== undefined) module.exports[`${name}History`] = table;
}
