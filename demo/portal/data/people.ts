import { randomFrom, type Random } from './random.ts';

interface Name {
  readonly last: string;
  readonly first: string;
}

export interface Client {
  readonly name: string;
  readonly qp: string;
  readonly payer: string;
  readonly supervisor: string;
}

export interface Roster {
  readonly clients: readonly Client[];
  readonly caregivers: readonly string[];
}

// oxfmt-ignore
const lastNames = [
  'ASHCOMBE', 'BELLWEATHER', 'BRIARWOOD', 'CALLOWHILL', "D'ELLERY", 'DE LA TORRENE', 'DUNMARSH', 'ELDERKIN',
  'FAUCHÈRE', 'FOXGLADE', 'GREYLOCK', 'GRÜNFELD', 'HARTHWELL', 'HAWKSMERE', 'IRONMONGER', 'JUNIPER',
  'KEMPSLEY', 'LINDQVIST', 'LOCKHAVEN', 'MARCHBANKS', 'MUÑOZ-VALE', 'NETTLECOMBE', "O'MARROW", 'OAKHANGER',
  'PEÑALOSA', 'PENNYFEATHER', 'QUILLER', 'ROSEWARNE', 'SALTMARSH', 'SØRENLUND', 'THORNBURY-HALE',
  'TREVANION', 'UPCHURCH', 'VAN DEN BERGHE', 'VERRALL', 'WAYLAND', 'WILDERSPIN', 'YELVERTON', 'ZETTERHOLM',
] as const;

// oxfmt-ignore
const firstNames = [
  'ALARIC', 'ANAÏS', 'AUGUSTA', 'BARNABY', 'BEATRIX', 'CASPIAN', 'CORDELIA', 'CYRUS', 'DELPHINE', 'EDMUND',
  'EULALIA', 'FLORIAN', 'GARETH', 'HÉLOÏSE', 'ISOLDE', 'JOSÉ', 'LEOPOLD', 'LYSANDRA', 'MARIGOLD',
  'MARY-BETH', 'NATHANIEL', 'ODETTE', 'PHINEAS', 'PRIMROSE', 'RENÉE', 'RUFUS', 'SABINE', 'THEODORA',
  'TOBIAS', 'URSA', 'VALENTINE', 'WINIFRED', 'ZEPHYR', 'THEODORE "TEO"', 'KATHARINE "KIT"',
] as const;

/** The two QPs that the supervisor rule names: the head of LINCS and the one of Deep Creek. */
const namedQps: readonly Name[] = [
  { last: 'FERNHOLLOW', first: 'ADELE' },
  { last: 'BRACKENBURY', first: 'IVO' },
];

const payers = [
  ['PARTNERS HEALTH MGMT', 30],
  ['TRILLIUM VALLEY PLAN', 28],
  ['MEDICAID DIRECT', 20],
  ['CARDINAL RIDGE CARE', 14],
  ['COUNTY FUNDS', 7],
] as const;

/** Sizes at scale 1. A larger scale has more people too, as far as the names reach; a smaller one has as many. */
const clientCount = 110;
const caregiverCount = 45;
const qpCount = 12;

/** Who is served by whom, for good: a client has one payer, one QP and one supervisor in every report. */
export function rosterOf(seed: string, scale: number): Roster {
  const random = randomFrom(seed, 'roster');
  const growth = Math.max(1, scale);
  const everyone = shuffledNames(random);
  const take = (count: number) => everyone.splice(0, Math.min(count, everyone.length));
  const qps = [...namedQps, ...take(qpCount - namedQps.length)];
  const caregivers = take(Math.round(caregiverCount * Math.min(growth, 8))).map(lastFirst);
  const clients = take(Math.round(clientCount * growth)).map((name) => clientNamed(name, qps, random));
  return { clients, caregivers };
}

function clientNamed(name: Name, qps: readonly Name[], random: Random): Client {
  const qp = random.pick(qps);
  const supervisor = random.chance(0.8) ? qp : random.pick(qps);
  return {
    name: lastFirst(name),
    qp: random.chance(0.01) ? '' : lastFirst(qp),
    payer: random.chance(0.01) ? '' : random.weighted(payers),
    supervisor: firstLast(supervisor),
  };
}

function shuffledNames(random: Random): Name[] {
  const names = lastNames.flatMap((last) => firstNames.map((first) => ({ last, first })));
  for (let at = names.length - 1; at > 0; at--) {
    const other = random.between(0, at);
    [names[at], names[other]] = [names[other]!, names[at]!];
  }
  return names;
}

function lastFirst({ last, first }: Name): string {
  return `${last}, ${first}`;
}

function firstLast({ last, first }: Name): string {
  return `${first} ${last}`;
}
