/** The world's countries by their ISO 3166-1 alpha-2 codes. Borders: Natural Earth, through world-atlas. */
import type { FeatureCollection, Geometry, Position } from 'geojson';
import codes from 'i18n-iso-countries/codes.json';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import topology from 'world-atlas/countries-110m.json';
import { registerMap } from './engine.ts';
import { WORLD } from './map-chart.ts';

type Countries = Topology<{ countries: GeometryCollection<{ name: string }> }>;

/** Registers the map once; its areas are named by their codes. */
export function registerWorld(): void {
  const alpha2 = new Map(codes.map(([two = '', , numeric = '']) => [numeric, two]));
  const world = topology as unknown as Countries;
  const { features } = feature(world, world.objects.countries);
  const named: FeatureCollection<Geometry, { name: string }> = {
    type: 'FeatureCollection',
    features: features
      .filter(({ id }) => id !== '010') // Antarctica: no one shops there, and it takes a fifth of the height
      .map((country) => ({
        ...country,
        geometry: unwrapped(country.geometry),
        properties: { name: alpha2.get(String(country.id)) ?? country.properties.name },
      })),
  };
  registerMap(WORLD, named as unknown as Parameters<typeof registerMap>[1]);
}

/** Countries that cross the 180th meridian go on beyond it: else they would be drawn as a band around the world. */
function unwrapped(geometry: Geometry): Geometry {
  if (geometry.type === 'Polygon') return { ...geometry, coordinates: unwrappedRings(geometry.coordinates) };
  if (geometry.type === 'MultiPolygon') return { ...geometry, coordinates: geometry.coordinates.map(unwrappedRings) };
  return geometry;
}

function unwrappedRings(rings: Position[][]): Position[][] {
  return rings.map((ring) => {
    const crosses = ring.some(([x = 0], index) => Math.abs(x - (ring[index - 1]?.[0] ?? x)) > 180);
    return crosses ? ring.map(([x = 0, y = 0]) => [x < 0 ? x + 360 : x, y]) : ring;
  });
}
