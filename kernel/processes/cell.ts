/** The process that runs the cells of a notebook. */
import { Parallel } from "../parallel/cell/parallel";
import { childOfHost } from "../session/cell/child";
import { serve } from "../session/cell/serve";

const server = serve({ ...childOfHost(), createRanks: (parts) => new Parallel(parts) });
process.on("message", server.obey);
