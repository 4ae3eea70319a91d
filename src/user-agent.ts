import { version } from '../package.json';

/** How every request to the realm says who asks: firewalls refuse those that don't (RFC 9110, section 10.1.5). */
export const USER_AGENT = `gatepass/${version}`;
