import { create } from 'zustand';

/** Which page is shown. `page` is an id of `renderer/app/pages.ts`. */
export const useNavigation = create<{ readonly page: string }>(() => ({ page: 'connect' }));

export function goTo(page: string): void {
  useNavigation.setState({ page });
}
