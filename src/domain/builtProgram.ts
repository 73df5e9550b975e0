/** Whether this program is what `npm run build` made, with files of the build beside it; else it runs from source. */
export const isBuilt = import.meta.url.endsWith('.js');
