import type { ArtifactStore } from '../../domain/artifacts.ts';
import { beatDuring } from './heartbeats.ts';

/** What a step says meanwhile. */
export const waitingForStore = { doing: 'waiting for the artifact store' } as const;

/**
 * The store with heartbeats while it opens or takes a file: over a slow line to a bucket, either lasts longer than their
 * timeout. The store gives up by itself.
 */
export function storeWithHeartbeats(store: ArtifactStore): ArtifactStore {
  return {
    ...store,
    open: (ref) => beatDuring(waitingForStore, () => store.open(ref)),
    create: async (place) => {
      const sink = await store.create(place);
      return { ...sink, commit: (rows) => beatDuring(waitingForStore, () => sink.commit(rows)) };
    },
  };
}
