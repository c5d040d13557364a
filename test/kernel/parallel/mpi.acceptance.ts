import { describeCellsOver } from "./support/mpi";

describeCellsOver("MPICH");
