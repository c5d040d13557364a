import { executesWithNbconvert, slowNotebooks } from "../support/nbconvert";

describe("Jupyter's own nbconvert", () => executesWithNbconvert(slowNotebooks));
