import type { BrowserContext, CDPSession } from 'playwright';

/** Part of the protocol's `Fetch.requestPaused`, for a page's answer. */
interface PausedAnswer {
  readonly requestId: string;
  readonly responseStatusCode?: number;
  readonly responseHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/** Shown as pages in any case. */
const pageTypes = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i;

/**
 * From now on the browser saves files that it would show in a window or frame, byte for byte as they come. Pages stay
 * pages. Ends with the returned function.
 */
export async function saveShownFiles(context: BrowserContext): Promise<() => Promise<void>> {
  const session = await context.browser()!.newBrowserCDPSession();
  session.on('Fetch.requestPaused', (paused: PausedAnswer) => void answer(session, paused));
  await session.send('Fetch.enable', {
    patterns: [{ urlPattern: '*', resourceType: 'Document', requestStage: 'Response' }],
  });
  return async () => {
    try {
      await session.detach();
    } catch {
      // The browser has closed.
    }
  };
}

async function answer(session: CDPSession, paused: PausedAnswer): Promise<void> {
  const { requestId, responseStatusCode, responseHeaders = [] } = paused;
  try {
    if (responseStatusCode !== 200 || !isFile(responseHeaders)) {
      await session.send('Fetch.continueResponse', { requestId });
      return;
    }
    const others = responseHeaders.filter(({ name }) => name.toLowerCase() !== 'content-disposition');
    const responseHeadersSaved = [...others, { name: 'Content-Disposition', value: 'attachment' }];
    await session.send('Fetch.continueResponse', {
      requestId,
      responseCode: responseStatusCode,
      responseHeaders: responseHeadersSaved,
    });
  } catch {
    // The page is gone, and its request with it.
  }
}

function isFile(headers: NonNullable<PausedAnswer['responseHeaders']>): boolean {
  const valueOf = (wanted: string) => headers.find(({ name }) => name.toLowerCase() === wanted)?.value;
  const type = valueOf('content-type');
  const isSent = /^\s*attachment\b/i.test(valueOf('content-disposition') ?? '');
  return type !== undefined && !pageTypes.test(type) && !isSent;
}
