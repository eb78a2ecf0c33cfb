/** A button and what it opens beside itself; closes by Escape or a click elsewhere, as the browser's popovers do. */
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

const MARGIN_PX = 8;

/** One popover. Its content is built only while it is open. */
export function Popover(props: {
  readonly id: string;
  readonly label: string;
  readonly class: string;
  readonly button: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    if (open && button.current && popover.current) place(button.current, popover.current);
  }, [open]);
  return (
    <>
      <button ref={button} type="button" class={props.class} aria-label={props.label} popovertarget={props.id}>
        {props.button}
      </button>
      <div
        ref={popover}
        id={props.id}
        class="popover"
        popover="auto"
        role="dialog"
        aria-label={props.label}
        onToggle={(event) => {
          setOpen((event as unknown as ToggleEvent).newState === 'open');
        }}
      >
        {open && props.children}
      </div>
    </>
  );
}

/** Below the button, or above where there is no room; never beyond the window. */
function place(button: HTMLElement, popover: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const { width, height } = popover.getBoundingClientRect();
  const left = Math.max(MARGIN_PX, Math.min(anchor.left, window.innerWidth - width - MARGIN_PX));
  const below = anchor.bottom + MARGIN_PX;
  const fits = below + height <= window.innerHeight - MARGIN_PX;
  const top = fits ? below : Math.max(MARGIN_PX, anchor.top - height - MARGIN_PX);
  popover.style.left = `${left}px`;
  popover.style.top = `${top}px`;
}
