/** The frame of a view: what stands above keeps its height, what is shown below has the rest. */
import type { ReactNode, RefObject } from 'react';
import style from './page.module.css';

interface PageProps {
  /** Where its element is found. */
  readonly frame?: RefObject<HTMLDivElement | null>;
  /** Whether something newer than what is shown is awaited. */
  readonly busy?: boolean;
  readonly children: ReactNode;
}

export function Page({ frame, busy, children }: PageProps) {
  return (
    <div {...(frame && { ref: frame })} className={style['page']} {...(busy !== undefined && { 'aria-busy': busy })}>
      {children}
    </div>
  );
}

/** In the middle of a view that has nothing else to show yet. */
export function Middle({ label, children }: { readonly label?: string; readonly children: ReactNode }) {
  return (
    <div className={style['middle']} {...(label !== undefined && { role: 'status', 'aria-label': label })}>
      {children}
    </div>
  );
}

export type HeadTone = 'ok' | 'warn' | 'fail' | 'not-live';

interface PageHeadProps {
  readonly label: string;
  readonly tone: HeadTone;
  /** Its first line, with what was found in a `Found`. */
  readonly line: ReactNode;
  /** Why, and what there is to it. */
  readonly children: ReactNode;
}

/** The head of a view that judges something: what it found, in words and colour, and why. */
export function PageHead({ label, tone, line, children }: PageHeadProps) {
  return (
    <section className={style['head']} aria-label={label} data-tone={tone}>
      <div className={style['headLine']}>{line}</div>
      {children}
    </section>
  );
}

interface FoundProps {
  /** `h1` where it is the name of the view as well. */
  readonly as: 'h1' | 'p';
  readonly tone: HeadTone;
  readonly icon: ReactNode;
  readonly children: ReactNode;
}

export function Found({ as: Tag, tone, icon, children }: FoundProps) {
  return (
    <Tag className={style['found']} data-tone={tone}>
      {icon}
      {children}
    </Tag>
  );
}
