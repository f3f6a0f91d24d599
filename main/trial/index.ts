/** "Try it on this computer": a gateway and a way to it, in networks of their own. */
export { startTrial, type Trial } from './trial.ts';
