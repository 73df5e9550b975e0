import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface ProductFacts {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** From package.json. */
export function productFacts(): ProductFacts {
  return JSON.parse(readFileSync(path.join(productFolder(), 'package.json'), 'utf8')) as ProductFacts;
}

/** The folder of the program, which is one further up where it is built. */
export function productFolder(): string {
  const places = ['../..', '../../..'].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return path.resolve(places.find((place) => existsSync(path.join(place, 'package.json'))) ?? places[0]!);
}
