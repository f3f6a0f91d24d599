/** What connects to the gateway of "Try it on this computer", in place of a profile's ID: longer than a profile's name may be. */
export const trialId = 'culvert-trial-on-this-computer-alone';
