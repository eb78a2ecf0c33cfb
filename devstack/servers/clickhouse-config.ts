/** Configuration files of the embedded ClickHouse. */

/** A user that may do what it is granted, and nothing else. */
export interface LimitedUser {
  /** Letters, digits and `_`. */
  readonly name: string;
  readonly password: string;
  /** GRANT statements without their grantee. */
  readonly grants: readonly string[];
  /** Settings that none of its queries may change. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Settings that none of its queries may set, whatever they are. */
  readonly locks: readonly string[];
}

/** What the configuration depends on. */
export interface ClickHouseLayout {
  readonly dir: string;
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly user: string;
  readonly password: string;
  readonly reader?: LimitedUser;
}

/**
 * The server's configuration. The query log is on: `doctor`, tests and people look into it. It is written every 7.5 seconds, as ClickHouse does
 * by itself: with a second, to merge its many parts took a tenth of the CPU of all tests' statements. `SYSTEM FLUSH LOGS` writes it at once.
 */
export function serverConfig(layout: ClickHouseLayout): string {
  return `<clickhouse>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${layout.httpPort}</http_port>
  <tcp_port>${layout.tcpPort}</tcp_port>
  <path>${escapeXml(layout.dir)}/data/</path>
  <tmp_path>${escapeXml(layout.dir)}/data/tmp/</tmp_path>
  <users_config>${escapeXml(layout.dir)}/users.xml</users_config>
  <timezone>UTC</timezone>
  <mark_cache_size>268435456</mark_cache_size>
  <query_log>
    <database>system</database>
    <table>query_log</table>
    <ttl>event_date + INTERVAL 7 DAY DELETE</ttl>
  </query_log>
</clickhouse>
`;
}

const LOOPBACK = '<networks><ip>127.0.0.1</ip><ip>::1</ip></networks>';

/**
 * The users. The session that opens the ports runs as `default`, which therefore may open ports and nothing else; with no
 * password it can do no harm. All work is done by the named user, who may make further users.
 */
export function usersConfig(layout: ClickHouseLayout): string {
  const { reader } = layout;
  return `<clickhouse>
  <profiles><default/>${reader === undefined ? '' : profileOf(reader)}</profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      ${LOOPBACK}
      <profile>default</profile>
      <quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>
    </default>
    <${layout.user}>
      <password>${escapeXml(layout.password)}</password>
      ${LOOPBACK}
      <profile>default</profile>
      <quota>default</quota>
      <access_management>1</access_management>
      <named_collection_control>1</named_collection_control>
    </${layout.user}>${reader === undefined ? '' : limitedUser(reader)}
  </users>
</clickhouse>
`;
}

function profileOf({ name, settings, locks }: LimitedUser): string {
  const values = Object.entries(settings).map(([setting, value]) => `<${setting}>${value}</${setting}>`);
  const fixed = [...Object.keys(settings), ...locks].map((setting) => `<${setting}><const/></${setting}>`);
  return `<${name}>${values.join('')}<constraints>${fixed.join('')}</constraints></${name}>`;
}

function limitedUser({ name, password, grants }: LimitedUser): string {
  return `
    <${name}>
      <password>${escapeXml(password)}</password>
      ${LOOPBACK}
      <profile>${name}</profile>
      <quota>default</quota>
      <grants>
${grants.map((grant) => `        <query>${escapeXml(grant)}</query>`).join('\n')}
      </grants>
    </${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
