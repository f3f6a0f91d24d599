// Runs in the sandboxed window before its page: the only thing that it adds there is the bridge.
import { contextBridge, ipcRenderer } from 'electron';
import { type Bridge, channels } from '../contracts/ipc/bridge.ts';

const bridge: Bridge = {
  call: (name, argument) => ipcRenderer.invoke(channels.call, name, argument),
  onState: (listener) => {
    const take = (_event: unknown, slice: string, value: unknown): void => {
      listener(slice, value);
    };
    ipcRenderer.on(channels.state, take);
    return () => {
      ipcRenderer.off(channels.state, take);
    };
  },
};

contextBridge.exposeInMainWorld('culvert', bridge);
