/** A rank of this machine, which the process of a notebook's cells has forked. */
import type { FromRank } from "../contract/rankMessages";
import { rankOf } from "../parallel/rank/rank";
import { childOfHost } from "../session/cell/child";
import { serve } from "../session/cell/serve";

const child = childOfHost<FromRank>();
process.on("message", rankOf(serve(child), child.outlet));
