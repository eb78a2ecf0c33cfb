/** Places that visitors come from. Coordinates as the feed writes them: numbers in quotes. */

/** Where an IP address is thought to be. */
export interface Place {
  readonly latitude: string;
  readonly longitude: string;
  readonly country: string;
  readonly timezone: string;
  readonly region: string;
}

function place(region: string, country: string, timezone: string, latitude: string, longitude: string): Place {
  return { region, country, timezone, latitude, longitude };
}

/** Places with their share of the visitors. */
export const PLACES: readonly (readonly [Place, number])[] = [
  [place('Denver', 'US', 'America/Denver', '39.73915', '-104.9847'), 8],
  [place('Seattle', 'US', 'America/Los_Angeles', '47.60621', '-122.33207'), 9],
  [place('Brooklyn', 'US', 'America/New_York', '40.6501', '-73.94958'), 11],
  [place('Austin', 'US', 'America/Chicago', '30.26715', '-97.74306'), 7],
  [place('Leeds', 'GB', 'Europe/London', '53.79648', '-1.54785'), 8],
  [place('Bristol', 'GB', 'Europe/London', '51.45523', '-2.59665'), 7],
  [place('Köln', 'DE', 'Europe/Berlin', '50.93333', '6.95'), 6],
  [place('Düsseldorf', 'DE', 'Europe/Berlin', '51.22172', '6.77616'), 4],
  [place('Toulouse', 'FR', 'Europe/Paris', '43.60426', '1.44367'), 6],
  [place('Saint-Étienne', 'FR', 'Europe/Paris', '45.43389', '4.39'), 4],
  [place('Zürich', 'CH', 'Europe/Zurich', '47.36667', '8.55'), 2],
  [place('Málaga', 'ES', 'Europe/Madrid', '36.72016', '-4.42034'), 4],
  [place('Torino', 'IT', 'Europe/Rome', '45.07049', '7.68682'), 4],
  [place('Łódź', 'PL', 'Europe/Warsaw', '51.75', '19.46667'), 4],
  [place('Malmö', 'SE', 'Europe/Stockholm', '55.60587', '13.00073'), 2],
  [place('Kazan', 'RU', 'Europe/Moscow', '55.78874', '49.12214'), 6],
  [place('Novosibirsk', 'RU', 'Asia/Novosibirsk', '55.0415', '82.9346'), 4],
  [place('São Paulo', 'BR', 'America/Sao_Paulo', '-23.5475', '-46.63611'), 6],
  [place('Recife', 'BR', 'America/Recife', '-8.05389', '-34.88111'), 3],
  [place('Puebla', 'MX', 'America/Mexico_City', '19.03793', '-98.20346'), 6],
  [place('Mérida', 'MX', 'America/Merida', '20.97537', '-89.61696'), 3],
  [place('Pune', 'IN', 'Asia/Kolkata', '18.51957', '73.85535'), 7],
  [place('Jaipur', 'IN', 'Asia/Kolkata', '26.91962', '75.78781'), 5],
  [place('Nagoya', 'JP', 'Asia/Tokyo', '35.18147', '136.90641'), 5],
  [place('Sendai', 'JP', 'Asia/Tokyo', '38.26667', '140.86667'), 3],
  [place('Hangzhou', 'CN', 'Asia/Shanghai', '30.29365', '120.16142'), 4],
  [place('Davao', 'PH', 'Asia/Manila', '7.07306', '125.61278'), 4],
  [place('Lahore', 'PK', 'Asia/Karachi', '31.558', '74.35071'), 3],
  [place('Ponce', 'PR', 'America/Puerto_Rico', '18.01031', '-66.62398'), 2],
  [place('Geelong', 'AU', 'Australia/Melbourne', '-38.14711', '144.36069'), 3],
];
