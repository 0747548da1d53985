/**
 * The model runtime's official builds report models (file names, hashes) to their maker and leave files in the temporary folder, unless
 * this variable stands in the process's environment before the first session. Only the main thread can put it there; a worker's
 * `process.env` is a copy.
 */
export function withoutTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}
