import { existsSync, readFileSync } from 'node:fs';

interface ProductFacts {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** From package.json, which is one folder further up where the program is built. */
export function productFacts(): ProductFacts {
  const places = ['../../package.json', '../../../package.json'].map(
    (place) => new URL(place, import.meta.url),
  );
  return JSON.parse(
    readFileSync(places.find((each) => existsSync(each)) ?? places[0]!, 'utf8'),
  ) as ProductFacts;
}
