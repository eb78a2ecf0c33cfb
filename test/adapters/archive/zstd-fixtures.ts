/** Streams written by the zstd command (1.5.4), as base64. The lines are those of {@link fixtureLines}. */

/** Lines 0 to count - 1, repeating after `period`. */
export function fixtureLines(count: number, period: number): string {
  const line = (i: number): string =>
    `{"id": ${i}, "name": "row ${(i * 7) % 13}", "x": "${((i * 2654435761) % 4294967296).toString(36)}"}\n`;
  return Array.from({ length: count }, (_, i) => line(i % period)).join('');
}

/** `zstd -19 --check` of 60 lines. */
export const CHECKED = Buffer.from(
  'KLUv/WQuCRURALYiYhlQtQ4MJT1YK4T87J2ZGcPuEkrjQmIzo65qWwBZAFoAGF4Urib8dmWT8eH/iw9ZGfI9U9CVxd/2NQde75rcWSd0ajGKdpHHKakII9NK/LbbZLC3ah9Fr/EyCzQph1maDoyeHuiElwnBILwAiyYhIATkuZAQDC8ghIMRuBTkVLghGUMZp/BGUmI9YcaS62EStpQcCb1hgmjUJhFaT9WOeQjtxURM9kPc033yg5vxT8qj/X0sZFVbn63m2DZI39GKPb3OJwaUaHN5CxuKcU/70sJQgS8+N6Gko3tjMnP1YyPTVh922PnVK0bvtoxTk79OGIka1EZLepqi1Wi3Gzn5NOLa3LzMuCnVs+plvNKhrGPWigNSMTZ9Im0eYUwUK9/CPlpRKwn8izZDJq5uIZ5QQCdsz8JomJXINdUYPVaZ+11TsVT2cZ2CwikbBxeK9iqlZVFZI72ljTGKltMosVFcyj4oN+y87P0SqS7p1J/MsA+JbXeBxFu8doKffETaFoUljDXbnk7IuWwcgJOoEQBdgYjz/hlwLWnlESAECQELF9Pi3QM8IvBcty3DWf+XjyKqtO29etcigBwoO3I6UG7h6W/PjHs2bdmyD/7i6shJg14qjzy8n1yntTfNjHs2bdmyD/7i7hgHOsKrHHlwsSqcZa8uga3COycv0tUg94cxfhiHpX+Ylba49KGICZv1EFKp391AtUHLric1BoisdwG0KmzIvN4=',
  'base64',
);

/** `zstd -3 --no-check` of 60 lines. */
export const UNCHECKED = Buffer.from(
  'KLUv/WAuCbURACZfWh5QReYBUDBir7AaaSwLAOrMzISQZSMpZYFLOTOlqxpUAFAATwAMV1InM09jDYrFlnkiZ37PktIPv0Mgc4zhdmWU4MHOlqXzYG9NNcEk6p/cY0rZOZQDjBO5a+MYUOPGAAWDigYhYFACRJ1BEBiOBTKDEKAEgcGQA0GMZRTX0xFJW7SGdC3oWVcIeRS0+lejLOYbOaT2EO+7OMlg/R5JZdTzHbjUngpmJ77lMdc9dxNjmvj9+juOkaKbljDPIhaQG9/ZsRXPfuwcsLYx/idZ5fP+hzM5BfVX5R6n/P+k4hD1iGxa0Z7fRklRcv4mSJXafLoE1gHmUxyo65Y3zETvVSKMtu7fFm9Je7wVEo+dfkSalb/oYHPwerIABcO0DEgJeut4HOfUvXpYfO0NqBCtWaJMIkrs1ro2Sppf7pQONF8FAe1TvaaiIsW8jsHTsFWr9htrvn/icEi4uVTD218LIfKyf9wYo6yfEAmAmKhRXC6Q4uufAUBDGYXbESAECQGIlUiULN95dAdz1F7DalJEF/M32cHD4Cg0RzAIucKN2LQjqJUfdQctMTBVwDyKAxXjUB4omIc0UJG0iQ9BRwUyX1GkYZnyoHlOfwSWqJiHNsQiDeoIyuJD3THZlsZfh+QWm5Rj0JbGCQf1qtOFv34QCLfedLbtQWsbXw/mLGOv9zF7DrBsgeuIIcL6rJXLVDFZDhdv3LHYguUQlEnnGEtKmI4myMEdMVyNkI47YrjTIbY2BVCr',
  'base64',
);

/** `zstd -3 --check` of 12,000 lines repeating after 50, from a pipe: several blocks, size not declared. */
export const LONG = Buffer.from(
  'KLUv/QRYfA8AVtpNHWCl8hiBRMn37PT97Ty6/DBM6UgSklIKwxpBUKAiSABEAEUA7zlK2uF3ETLHKDcrjwga7Gw1yjTYW1NdiED91z1WFHYO5QBlDu66MMXTuDFAQVJpEEhQGgKSGh6FSYNAMgiQpiFADQKpkIkgL3pbgosK1s+RioR6PgMJtS/BzByP8Kh1z1mkuJffrT/jOBK9NIR5EgcBubGdfbTi2U4zC4zhQupk5lmsArG4oQ7kzAHTIbAOML9HQVm3fGEKvddoUHTj/o3gDWk/bIWDx678EZuVP8hgs/B6MtrQxPU1INkQraGy1vOs6xMd9az+tSSLfkcjagGq9hdrvv+B4XDgJqEW3t42T5SW/ePGaLJ+wtgsxf+VVTrvbzDXqae/Kue4wv9PJi6qj3JpRHtuFxUdkfN3oZLU5gGAgKhhVC4Q4uu/AVAzo3CLARIYQQAIqzlCUIvP8fr/d2T3e1iYb0vpRd8BngYsz7fzW+a+81vmvvMN937fG/p09A7zVV4Zj49HlUyTuGCxwYm3+sFXq+uzq3t2zNkKrOhQ3EZScszYAoTgEM7A+aWvGATw7WzFlkmyWtRX6JhN2utknNWmKMtx5WOAsGHS0jFVyizL5RPneLeOchwlnBDMXO55a1Oydy7brpZZnzjovPMWAUYVTAAACGkBAPz/ORACTAAACGwBAPz/ORACTQAACG0BAHzwORACXOfMnQ==',
  'base64',
);

/** `zstd -3 --long=27` of 60 lines from a pipe: asks for a window of 128 MiB. */
export const WIDE_WINDOW = Buffer.from(
  'KLUv/QSItREAZl9bHlBF5gFQMGKHsBppLAsA6szMhJBlIyllgQubmamrGlUAUQBQAIilzEwLNiAYO8sTOTN8lpJ++N8R22sLuzulFA32xpxKjQYZXVNEov7pQa6Vn8c5sDSS2zJNATl2DFCglhIEVKSEALUEqDZKEFCGEhclBCxBQBVTEQRL8noyoukQrmNlDPrWFjqeBbF+xiRs+T4MycHD+ypPKlrDZ9YZNf0mKrYngrmRUIHLffBdpJgmfr/+zeODaMYhzJSQRGTHl7bsxbQfhw4aRxZM8T9NO5/3N5rpLajfrvd45X84k3esPybjCAf9MkuS0nM4xZpY5/Qh0Q40n+Rg3cec4SV6t9JQtOP+TnGHtMtr4wDZ68ujeTmMjEYHsGlbnAAFalIGpgRBZjzN8/p+PU1C90VMBtcNSeggJX6MXSdCmGfutQ44Z8QQHbia0WRFi5kZg4dhZzHbXzAK/wfD4/CoYgt3fx3omLc9ZNeWhD2NhxOAl6hRXC6Q4uu/AVAzo3AbEYwQgFyJRMnynQeigzk6WcN2C+Kr/In09TAyClnLUEwXIxBL9QObHqTu2H8DK4aMT9lwMj5lw8n46IST86O7BB3bZ76ucfG58qh9Dh8IjCyXu/DRPH7hgzO9pe5Yt4Wg1yFwq2nKMbWFIMIBiept4K8wCKTbr4YtEty1mK9BPhuzVw6bJYYqy+DKxIBhE9biMaqELMPlM+7YNkE5AGXOHAMOAaShAdJxBwpXA6TjDhTudEXAqAJsyLze',
  'base64',
);
