import type { UtilizationTuple } from '../pageData.ts';
import { groupedBy } from '../pageFigures.ts';
import type { Context } from './context.ts';
import { h } from './dom.ts';

/** What the rows of a drill-down are: QPs, then one QP's clients, then the services of one client under that QP. */
export interface Level {
  readonly heading: 'QP' | 'Client' | 'Service';
  readonly members: readonly Member[];
}

interface Member {
  readonly label: string;
  readonly tuples: readonly UtilizationTuple[];
  readonly onOpen?: () => void;
}

export function levelOf(context: Context, tuples: readonly UtilizationTuple[]): Level {
  const { data, view, go } = context;
  if (view.qp === '' && data.onlyQp === null) {
    return {
      heading: 'QP',
      members: membersOf(tuples, 1, (place) => {
        const { key, label } = data.qps[place]!;
        return {
          label,
          onOpen: () => {
            go({ qp: key }, 'toDrill');
          },
        };
      }),
    };
  }
  if (view.client === '') {
    return {
      heading: 'Client',
      members: membersOf(tuples, 2, (place) => {
        const { key, label } = data.clients[place]!;
        return {
          label,
          onOpen: () => {
            go({ client: key }, 'toDrill');
          },
        };
      }),
    };
  }
  return {
    heading: 'Service',
    members: membersOf(tuples, 3, (place) => ({ label: data.services[place]!.code })),
  };
}

function membersOf(
  tuples: readonly UtilizationTuple[],
  at: 1 | 2 | 3,
  about: (place: number) => Omit<Member, 'tuples'>,
): Member[] {
  return Array.from(
    groupedBy(tuples, (tuple) => tuple[at]),
    ([place, own]) => ({ ...about(place), tuples: own }),
  );
}

/** The way back up, for one of the page's figures. */
export function trailOf({ data, view, go }: Context, title: string): HTMLElement {
  const qp = data.qps.find(({ key }) => key === view.qp);
  const client = data.clients.find(({ key }) => key === view.client);
  const step = (words: string, change: Partial<Context['view']>, current: boolean) =>
    h(
      'li',
      {},
      current
        ? h('span', { 'aria-current': 'true' }, words)
        : h(
            'button',
            {
              type: 'button',
              class: 'open',
              onClick: () => {
                go(change, 'toDrill');
              },
            },
            words,
          ),
    );
  return h(
    'nav',
    { class: 'trail', 'aria-label': `Drill-down of ${title}` },
    h(
      'ol',
      {},
      data.onlyQp === null
        ? step('All QPs', { qp: '', client: '' }, qp === undefined && client === undefined)
        : step(`QP ${data.onlyQp}`, { client: '' }, client === undefined),
      qp === undefined ? null : step(qp.label, { client: '' }, client === undefined),
      client === undefined ? null : step(client.label, {}, true),
    ),
  );
}
