import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The folder of real models and recordings: TANDEM_DATA, else ../shared/data beside the checkout, else null. Nothing in it ships
 * with the project; a suite that needs it skips where it is null and says so.
 */
export const dataFolder: string | null = findDataFolder();

function findDataFolder(): string | null {
  const beside = fileURLToPath(new URL('../../shared/data', import.meta.url));
  const folder = process.env['TANDEM_DATA'] ?? beside;
  if (existsSync(folder)) return folder;
  console.warn(
    `SKIPPED: no test data at ${folder}; set TANDEM_DATA to the folder that holds models/ and datasets/.`,
  );
  return null;
}
