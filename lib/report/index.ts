export { devices, type DeviceNumbers } from "./devices";
export { Report, type Cell, type ReportParts, type ReportTable } from "../viz";
