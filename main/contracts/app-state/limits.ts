/** How many samples of the throughput are kept: an hour of them. The window needs it too, which loads no schemas. */
export const keptSamples = 3600;
