/** Visitors: who comes to the shop, with which device, from where. A visitor is the same in every hour. */
import { PLACES, type Place } from './places.ts';
import type { Random } from './random.ts';

/** What does not change from visit to visit. */
export interface Visitor {
  readonly domainId: string;
  readonly customId: string;
  readonly os: string;
  readonly osName: string;
  readonly isMobile: boolean;
  readonly browserName: string;
  readonly userAgent: string;
  readonly language: string;
  /** Null: the IP address is in no geo database. */
  readonly place: Place | null;
  readonly timezone: string;
  readonly ipAddress: string;
}

const OS_SHARES = [
  ['iOS', 38],
  ['Android', 31],
  ['MacOS', 17],
  ['Windows', 8],
  ['Linux', 6],
] as const;

type OsName = (typeof OS_SHARES)[number][0];

const BROWSER_SHARES = [
  ['Chrome', 45],
  ['Firefox', 37],
  ['Opera', 8],
  ['Safari', 5],
  ['InternetExplorer', 5],
] as const;

const FIRST =
  'anna ben carla david elena frank gina hugo ines jonas kim lena marco nora oskar paula rita sam tina walter'.split(
    ' ',
  );
const LAST =
  'adams bauer costa diaz evans fischer garcia huber ito jansen klein lopez meyer novak olsen petrov rossi silva tanaka weber'.split(
    ' ',
  );
const MAIL_HOSTS = ['gmail.com', 'yahoo.com', 'hotmail.com'];
const LANGUAGES =
  'en_US en_GB de_DE fr_FR es_ES es_MX pt_BR ru_RU pl_PL sv_SE it_IT ja_JP zh_CN hi_IN ur_PK fil_PH de_CH ca_ES nds_DE sat_IN'.split(
    ' ',
  );
const UNKNOWN_PLACE_SHARE = 0.005;

/** Makes the visitor that a random sequence stands for. */
export function makeVisitor(random: Random): Visitor {
  const osName = random.weighted(OS_SHARES);
  const os = osText(osName, random);
  const browserName = random.weighted(BROWSER_SHARES);
  const language = random.pick(LANGUAGES);
  const place = random.weighted(PLACES);
  return {
    domainId: random.uuid(),
    customId: email(random),
    os,
    osName,
    isMobile: osName === 'iOS' || osName === 'Android',
    browserName,
    userAgent: userAgent(browserName, os, random),
    language,
    place: random.chance(UNKNOWN_PLACE_SHARE) ? null : place,
    timezone: place.timezone,
    ipAddress: `${random.integer(1, 223)}.${random.integer(0, 255)}.${random.integer(0, 255)}.${random.integer(1, 254)}`,
  };
}

function email(random: Random): string {
  const first = random.pick(FIRST);
  const last = random.pick(LAST);
  const names = [
    `${first.slice(0, 1)}${last}`,
    `${first}${last}`,
    `${last}${first}`,
    `${first}${random.integer(1, 99)}`,
  ];
  return `${random.pick(names)}@${random.pick(MAIL_HOSTS)}`;
}

function osText(osName: OsName, random: Random): string {
  const version = `${random.integer(4, 17)}_${random.integer(0, 6)}`;
  switch (osName) {
    case 'iOS':
      return random.chance(0.5)
        ? `iPhone; CPU iPhone OS ${version} like Mac OS X`
        : `iPad; CPU iPad OS ${version} like Mac OS X`;
    case 'Android':
      return `Android ${version.replace('_', '.')}`;
    case 'MacOS':
      return `Macintosh; Intel Mac OS X 10_${random.integer(5, 15)}_${random.integer(0, 9)}`;
    case 'Windows':
      return `Windows NT ${random.pick(['5.1', '6.1', '6.2', '10.0'])}`;
    case 'Linux':
      return random.pick(['X11; Linux x86_64', 'X11; Linux i686']);
  }
}

function userAgent(browserName: string, os: string, random: Random): string {
  const major = random.integer(13, 90);
  const webkit = `${random.integer(531, 537)}.${random.integer(0, 2)}`;
  switch (browserName) {
    case 'Firefox':
      return `Mozilla/5.0 (${os}; rv:${major}.0) Gecko/${major}.0 Firefox/${major}.0`;
    case 'Opera':
      return `Opera/9.${random.integer(10, 99)}.(${os}) Presto/2.9.${random.integer(160, 190)} Version/${random.integer(10, 12)}.00`;
    case 'Safari':
      return `Mozilla/5.0 (${os}) AppleWebKit/${webkit} (KHTML, like Gecko) Version/${random.integer(4, 15)}.0 Safari/${webkit}`;
    case 'InternetExplorer':
      return `Mozilla/5.0 (compatible; MSIE ${random.integer(6, 10)}.0; ${os}; Trident/${random.integer(3, 6)}.1)`;
    default:
      return `Mozilla/5.0 (${os}) AppleWebKit/${webkit} (KHTML, like Gecko) Chrome/${major}.0.${random.integer(800, 899)}.0 Safari/${webkit}`;
  }
}
