/** Numbers as the command line, its log lines and the Web UI write them. Pure. */

/** 1234567 as "1 234 567"; fractions are rounded. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ' ');
}
