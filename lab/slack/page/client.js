// Starts the page: the first snapshot, and a new one whenever the server says that something has changed.

import './deeds.js';
import { refresh } from './session.js';

new EventSource('events').onmessage = refresh;
refresh();
