export { claimGpu, type Claim } from "./claim";
export {
  allGather,
  allReduce,
  barrier,
  broadcast,
  device,
  rank,
  worldSize,
  type AllReduceOptions,
  type BroadcastOptions,
} from "./collectives";
export { RankMissing } from "./departure";
export { CommAborted, type Comm, type ReduceOp, type Traffic } from "./comm";
export { dataParallel, type DataParallelOptions, type DataParallelResult } from "./dataParallel";
export { psum } from "./psum";
export { shard } from "./shard";
export { Channel, type ChannelAddress } from "./mpi/channel";
export { redirect } from "./descriptors";
export { controlChannel, createShared, shmEnvironment, world } from "./world";
export { linearScaling, type LinearScalingOptions } from "./linearScaling";
export { parameterServer, type ParameterServerOptions, type ParameterServerRun } from "./parameterServer";
export { ringAllReduce, type RingStep } from "./ring";
