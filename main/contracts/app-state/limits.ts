/** How much of the throughput's past the graph shows. The window needs it too, which loads no schemas. */
export const shownSeconds = 120;
/** How many samples of it are kept, about one a second: what is shown, and a little more. */
export const keptSamples = shownSeconds + 30;
