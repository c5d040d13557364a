import { executesWithNbconvert, quickNotebooks } from "../support/nbconvert";

describe("Jupyter's own nbconvert", () => executesWithNbconvert(quickNotebooks));
