import '../ui/tokens.css';
import '../ui/base.css';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { mirrorState } from '../store/state.ts';
import { App } from './app.tsx';

// Read by the component library for the style elements that it makes.
setNonce(document.querySelector<HTMLMetaElement>('meta[name=nonce]')?.content ?? '');
mirrorState();
const place = document.getElementById('root');
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
