export { currentFrontend, displayKey, installFrontend } from "./util/frontend";
export type { DisplayOptions, Frontend, MimeBundle } from "./util/frontend";
