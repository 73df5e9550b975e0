/** The text of a definition that stands beside this file, as it stands in `src/reports/`. */
export function inPlace(definition: string): string {
  return definition.replaceAll("'../../src/reports/", "'./").replaceAll("'../../src/", "'../");
}
