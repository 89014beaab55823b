// Where the focus goes. A control that vanishes under the focus must not leave the keyboard user nowhere.

export const focusList = (): void => document.querySelector<HTMLElement>("[role=listbox]")?.focus();

/** After the page was drawn anew: if the focused control is gone, go on at the open post, else at the list. */
export function keepFocus(): void {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const post = document.querySelector<HTMLElement>(".detail[data-post]:not([data-post=''])");
    if (post !== null && post.offsetParent !== null) post.focus();
    else focusList();
  }));
}
