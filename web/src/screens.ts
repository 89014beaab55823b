// The screens of the desk in the order of the navigation. A screen joins the frame by one line here.
import type { ComponentType } from "preact";
import { Inbox } from "./views/Inbox";
import { Moderation } from "./views/Moderation";

export interface Screen { id: string; name: string; view: ComponentType }

export const SCREENS: readonly Screen[] = [
  { id: "inbox", name: "Inbox", view: Inbox },
  { id: "moderation", name: "Moderation", view: Moderation },
];
