import { create } from 'zustand';

interface Place {
  /** An id of `renderer/app/pages.ts`. */
  readonly page: string;
  /** The ID of a profile that the profiles' page opens with. */
  readonly profile: string | undefined;
}

/** Which page is shown. */
export const useNavigation = create<Place>(() => ({ page: 'connect', profile: undefined }));

export function goTo(page: string): void {
  useNavigation.setState({ page, profile: undefined });
}

export function editProfile(profile: string): void {
  useNavigation.setState({ page: 'profiles', profile });
}
