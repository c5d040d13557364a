import { describeCellsOver } from "./support/mpi";

describeCellsOver("Open MPI");
