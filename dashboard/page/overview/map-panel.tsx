/** Where the visitors are. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { OPENING } from '../../opening.ts';
import type { Breakdown, MapPlace } from '../../reader.ts';
import { Chart } from '../charts/chart.tsx';
import { loadWorld } from '../charts/load.ts';
import { mapChart } from '../charts/map-chart.ts';
import { useApp } from '../state/app.ts';
import { csvPath, panelPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import { Definition } from '../ui/definition.tsx';
import { Panel } from '../ui/panel.tsx';

/** The world map. Its figures stand in the panel of countries and regions beside it. */
export function MapPanel(): JSX.Element {
  const app = useApp();
  const { t } = app;
  const path = panelPath(app, 'map', { limit: OPENING.places });
  const places = useQuery<MapPlace[]>(path);
  const countries = useQuery<Breakdown>(
    panelPath(app, 'breakdown', { dimension: 'country', family: 'views', limit: OPENING.values }),
  );
  return (
    <Panel
      id="map"
      title={t('map')}
      answer={places}
      csv={csvPath(path)}
      isEmpty={(rows) => rows.length === 0}
      help={<Definition of={t('map')} note={t('mapMeans')} dimensions={['country', 'region']} />}
    >
      {(rows) => <WorldMap places={rows} countries={countries.data?.rows ?? []} />}
    </Panel>
  );
}

function WorldMap(props: { readonly places: readonly MapPlace[]; readonly countries: Breakdown['rows'] }): JSX.Element {
  const app = useApp();
  const isReady = useWorld();
  const option = useMemo(
    () => (isReady ? mapChart(app, props.countries, props.places) : {}),
    [isReady, props.places, props.countries, app.language, app.theme],
  );
  const dots = props.places.filter(({ latitude, longitude }) => latitude !== undefined && longitude !== undefined);
  const codes = new Set(props.countries.map(({ value }) => value));
  return (
    <Chart
      class="chart map"
      option={option}
      isPending={!isReady}
      label={app.t('mapLabel', { places: props.places.length })}
      onClick={({ seriesType, dataIndex, name }) => {
        const place = seriesType === 'scatter' ? dots[dataIndex] : undefined;
        if (place !== undefined) app.keep({ dimension: 'region', value: place.region });
        else if (codes.has(name)) app.keep({ dimension: 'country', value: name });
      }}
    />
  );
}

function useWorld(): boolean {
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    void loadWorld().then(() => {
      setReady(true);
    });
  }, []);
  return isReady;
}
