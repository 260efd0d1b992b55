/** How much harm a command can do, in words and colour. */
import { IconAlertTriangle, IconFlame } from '@tabler/icons-react';
import type { Hazard } from '#shared/protocol/observations.ts';
import style from './hazard-label.module.css';

const words: Readonly<Record<Hazard, string>> = {
  none: 'harmless',
  disruptive: 'disruptive: others may notice it',
  dangerous: 'dangerous: it can break what is running',
};

export function HazardLabel({ hazard }: { readonly hazard: Hazard }) {
  return (
    <span className={style['label']} data-hazard={hazard}>
      {hazard === 'dangerous' && <IconFlame size={14} aria-hidden />}
      {hazard === 'disruptive' && <IconAlertTriangle size={14} aria-hidden />}
      {words[hazard]}
    </span>
  );
}
