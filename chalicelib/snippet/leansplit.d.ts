/** leansplit's browser snippet, as `window.leansplit` and as the module's default export. */
export interface Leansplit {
  /** Runs `task` now; before the script has loaded, the page's stub keeps it for later. */
  (task: (experiments: Leansplit) => void): void;
  (command: "goal", name: string, value?: number): void;
  (command: "consent", agreed: boolean): void;
  /** Whether the visitor sees any other variation than control. Asking enrols. */
  test(experiment: string): boolean;
  /** Whether the visitor sees control; always the opposite of `test`. Asking enrols. */
  control(experiment: string): boolean;
  /** The name of the variation that the visitor sees; "control" on any failure. Asking enrols. */
  variant(experiment: string): string;
  /** Tells that the visitor reached a goal, with a value of at most 4 decimals. */
  goal(name: string, value?: number): void;
  /** With leansplit.track.js on the page: counts in a tracker, at once and once. */
  track?(event: {tracker: string; object: string; field: string; by?: number | string; op?: "incr" | "decr"}): void;
  /** Why the visitor does not count ("bot", "privacy", "consent", 1 for no storage, the forced views); else empty. */
  readonly off?: string | number;
  /** With data-consent="required": true lets the script store and send; false forgets everything. */
  consent(agreed: boolean): void;
}

declare global {
  interface Window {
    leansplit: Leansplit;
    /** The same, unless the page has another `experiments`. */
    experiments: Leansplit;
  }
}

declare const leansplit: Leansplit;
export default leansplit;
