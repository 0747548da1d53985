import type { Claim } from './claim.ts';
import { c1 } from './claims/c1.ts';
import { c1b } from './claims/c1b.ts';
import { c2 } from './claims/c2.ts';
import { c3 } from './claims/c3.ts';
import { c4 } from './claims/c4.ts';
import { c5 } from './claims/c5.ts';
import { c6 } from './claims/c6.ts';
import { c7 } from './claims/c7.ts';
import { k1 } from './claims/k1.ts';
import { k2 } from './claims/k2.ts';
import { k3 } from './claims/k3.ts';
import { k4 } from './claims/k4.ts';
import { k5 } from './claims/k5.ts';
import { k6 } from './claims/k6.ts';
import { k7 } from './claims/k7.ts';
import { k8 } from './claims/k8.ts';
import { k8a } from './claims/k8a.ts';
import { k9 } from './claims/k9.ts';
import { k9b } from './claims/k9b.ts';
import { k10 } from './claims/k10.ts';
import { k11 } from './claims/k11.ts';
import { k12 } from './claims/k12.ts';
import { k13 } from './claims/k13.ts';
import { m1 } from './claims/m1.ts';
import { m2 } from './claims/m2.ts';
import { m7 } from './claims/m7.ts';
import { m8 } from './claims/m8.ts';
import { m9 } from './claims/m9.ts';
import { m16 } from './claims/m16.ts';
import { u1 } from './claims/u1.ts';
import { u3 } from './claims/u3.ts';
import { u4 } from './claims/u4.ts';
import { u5 } from './claims/u5.ts';
import { u6 } from './claims/u6.ts';

/** Every claim that can be reproduced, by the id that the command line takes: C = COINFER, U = Ng et al., K = COACH, M = Mu et al. */
export const claims: Readonly<Record<string, Claim>> = {
  C1: c1,
  C1b: c1b,
  C2: c2,
  C3: c3,
  C4: c4,
  C5: c5,
  C6: c6,
  C7: c7,
  U1: u1,
  U3: u3,
  U4: u4,
  U5: u5,
  U6: u6,
  K1: k1,
  K2: k2,
  K3: k3,
  K4: k4,
  K5: k5,
  K6: k6,
  K7: k7,
  K8: k8,
  K8a: k8a,
  K9: k9,
  K9b: k9b,
  K10: k10,
  K11: k11,
  K12: k12,
  K13: k13,
  M1: m1,
  M2: m2,
  M7: m7,
  M8: m8,
  M9: m9,
  M16: m16,
};
