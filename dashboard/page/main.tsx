/** Starts the page. */
import './style/main.css';
import { render } from 'preact';
import { beginOverview } from './overview/begin.ts';
import { Page } from './page.tsx';
import { readAddress } from './state/address.ts';

const address = readAddress(new URL(location.href));
if (address.view === 'overview') void beginOverview(address);
const root = document.getElementById('app');
if (root) render(<Page />, root);
