/** JSON as Python's `json.dumps` writes it, which is how the publisher of the feed packs its lines: spaces, and ASCII only. */

/** A value of a line; the feed has no nested ones. */
export type FlatValue = string | boolean | null;

/** One line of the feed, without its newline: `{"a": "b", "c": true}`. */
export function pythonJson(fields: Readonly<Record<string, FlatValue>>): string {
  let line = '{';
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    line += `${line.length === 1 ? '' : ', '}"${name}": ${typeof value === 'string' ? quote(value) : value}`;
  }
  return `${line}}`;
}

/** Nearly every string of the feed needs no escape; JSON.stringify escapes the rest, but leaves what is beyond ASCII. */
function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
