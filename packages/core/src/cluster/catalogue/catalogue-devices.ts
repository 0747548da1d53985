import { accelerators } from './accelerators.ts';
import { browserTab } from './browser-tab.ts';
import type { DeviceFamily } from './catalogue-device.ts';
import { graphicsCards } from './graphics-cards.ts';
import { jetson } from './jetson.ts';
import { muMachines } from './mu-machines.ts';
import { phones } from './phones.ts';
import { raspberryPi } from './raspberry-pi.ts';

/** Every kind of device that Tandem knows figures of. */
export const catalogueDevices: DeviceFamily = {
  ...raspberryPi,
  ...jetson,
  ...accelerators,
  ...phones,
  ...browserTab,
  ...graphicsCards,
  ...muMachines,
};
