import { useLayoutEffect } from 'react';

/** The main process makes `prefers-color-scheme` follow the setting; the style sheets follow it through `data-theme`. */
export function useTheme(): void {
  useLayoutEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = (): void => {
      document.documentElement.dataset['theme'] = dark.matches ? 'dark' : 'light';
    };
    apply();
    dark.addEventListener('change', apply);
    return () => {
      dark.removeEventListener('change', apply);
    };
  }, []);
}
