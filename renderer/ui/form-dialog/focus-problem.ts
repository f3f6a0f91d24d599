/** Brings the first field that is not right into sight, once it is marked: its words are read out with it. */
export function focusProblem(form: HTMLFormElement): void {
  requestAnimationFrame(() => {
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}
