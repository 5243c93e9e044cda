/** Width from which the side panel stands beside the screen; the same number is in shell.css. */
export const DESKTOP = '(min-width: 900px)';
