import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** TANDEM_DATA, else ../shared/data beside the folder that the command runs in; null where there is none. */
export function testDataFolder(): string | null {
  const folder = process.env['TANDEM_DATA'] ?? resolve('..', 'shared', 'data');
  return existsSync(folder) ? folder : null;
}
