/** @typedef {import('./testPart.ts').TestPart} TestPart */

/** @type {readonly TestPart[]} */
export const allParts = [
  'temporalCli',
  'temporalServer',
  'tctl',
  'database',
  'browser',
  'sshd',
  'objectStore',
];

/** @type {readonly TestPart[]} */
const wholeProduct = ['temporalCli', 'temporalServer', 'database', 'browser'];

/** @type {readonly TestPart[]} */
const withTctl = [...wholeProduct, 'tctl'];

/**
 * The real parts that the tests of a folder or file need. The longest path that fits counts; a test that none fits
 * needs no part. test/scripts/partsOfTests.test.ts compares this with what the tests use.
 * @type {Readonly<Record<string, readonly TestPart[]>>}
 */
export const partsOfTests = {
  'test/cases/': wholeProduct,
  'test/e2e/': wholeProduct,
  'test/e2e/bucket.test.ts': [...wholeProduct, 'objectStore'],
  'test/e2e/cluster.test.ts': [...wholeProduct, 'objectStore'],
  'test/e2e/decisions.test.ts': withTctl,
  'test/e2e/inputs.test.ts': withTctl,
  'test/e2e/schedule.test.ts': withTctl,
  'test/e2e/sources.test.ts': [...wholeProduct, 'sshd'],
  'test/e2e/starts.test.ts': withTctl,
  'test/real/artifacts/': ['objectStore'],
  'test/real/dashboard/': ['database', 'browser'],
  'test/real/portal/': ['browser'],
  'test/real/portal/twoPortals.test.ts': ['browser', 'database'],
  'test/real/portal-standin/': ['browser'],
  'test/real/sources/': ['sshd'],
  'test/real/services/': ['temporalCli', 'database'],
  'test/real/warehouse/': ['database'],
  'test/real/workflows/': ['temporalCli'],
  'test/thirdReport/': wholeProduct,
  'test/upgrade/': wholeProduct,
};

/**
 * @param {string} file path from the project's folder, with slashes
 * @returns {readonly TestPart[]}
 */
export function partsOfTest(file) {
  const fitting = Object.keys(partsOfTests).filter((place) => file.startsWith(place));
  const longest = fitting.sort((one, other) => other.length - one.length)[0];
  return longest === undefined ? [] : (partsOfTests[longest] ?? []);
}
