interface Service {
  readonly code: string;
  /** How common it is, against the others' weights. */
  readonly weight: number;
  readonly centsPerUnit: number;
  /** One authorization grants from `unitsLow` to `unitsHigh`. */
  readonly unitsLow: number;
  readonly unitsHigh: number;
}

/** What the provider offers. CAP is in no group: the pipeline must report it as unknown. */
// oxfmt-ignore
const services: readonly Service[] = [
  { code: 'CLS',      weight: 16, centsPerUnit: 752,    unitsLow: 240, unitsHigh: 2600 },
  { code: 'DS',       weight: 15, centsPerUnit: 618,    unitsLow: 240, unitsHigh: 2200 },
  { code: 'CN',       weight: 11, centsPerUnit: 1826,   unitsLow: 120, unitsHigh: 1400 },
  { code: 'RS',       weight: 9,  centsPerUnit: 18_340, unitsLow: 4,   unitsHigh: 31 },
  { code: 'PA',       weight: 8,  centsPerUnit: 504,    unitsLow: 200, unitsHigh: 2400 },
  { code: 'RCI',      weight: 7,  centsPerUnit: 536,    unitsLow: 96,  unitsHigh: 1200 },
  { code: 'TFC',      weight: 6,  centsPerUnit: 14_410, unitsLow: 8,   unitsHigh: 31 },
  { code: 'LTCS',     weight: 5,  centsPerUnit: 20_980, unitsLow: 6,   unitsHigh: 40 },
  { code: 'SE',       weight: 5,  centsPerUnit: 1128,   unitsLow: 60,  unitsHigh: 900 },
  { code: 'Ind',      weight: 5,  centsPerUnit: 1296,   unitsLow: 80,  unitsHigh: 1200 },
  { code: 'SS',       weight: 4,  centsPerUnit: 15_990, unitsLow: 4,   unitsHigh: 31 },
  { code: 'GLH',      weight: 3,  centsPerUnit: 23_360, unitsLow: 6,   unitsHigh: 31 },
  { code: 'RES',      weight: 3,  centsPerUnit: 17_480, unitsLow: 5,   unitsHigh: 31 },
  { code: 'Tra Supp', weight: 3,  centsPerUnit: 984,    unitsLow: 60,  unitsHigh: 800 },
  { code: 'RCG',      weight: 2,  centsPerUnit: 412,    unitsLow: 96,  unitsHigh: 900 },
  { code: 'IS',       weight: 2,  centsPerUnit: 1340,   unitsLow: 40,  unitsHigh: 400 },
  { code: 'CAP',      weight: 1,  centsPerUnit: 728,    unitsLow: 60,  unitsHigh: 500 },
];

export const weightedServices = services.map((service) => [service, service.weight] as const);
