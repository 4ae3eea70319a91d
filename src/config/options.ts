/**
 * The options of the commands, by the variable that each stands for. Apart from the variables, since the functions have
 * no use for them.
 */
export const OPTIONS = {
  GATEPASS_TABLE: '--table <name>',
  GATEPASS_ISSUER: '--issuer <url>',
  GATEPASS_AUDIENCE: '--audience <values>',
  GATEPASS_CLIENTS: '--clients <values>',
  GATEPASS_JWKS_URI: '--jwks-uri <url>',
  GATEPASS_JWKS_TIMEOUT_MS: '--jwks-timeout <ms>',
  GATEPASS_KEY_PREFIX: '--prefix <prefix>',
  GATEPASS_ENVIRONMENT: '--environment <name>',
  GATEPASS_IMPORTED_PREFIXES: '--imported-prefixes <list>',
  GATEPASS_ACCOUNT_CHECK: '--account-check <which>',
  GATEPASS_POLICY_CONDITIONS: '--policy-conditions <on|off>',
  GATEPASS_TABLE_AT_START: '--table-at-start <on|off>',
  GATEPASS_LOGOUT_CLIENTS: '--logout-clients <list>',
  GATEPASS_SYNC_ADMIN_URL: '--admin-url <url>',
  GATEPASS_SYNC_CLIENT_ID: '--client-id <id>',
  GATEPASS_SYNC_GONE_DAYS: '--gone-days <days>',
  GATEPASS_MAX_TOKEN_LIFETIME: '--max-token-lifetime <seconds>',
  GATEPASS_USAGE_TABLE: '--usage-table <name>',
} as const;
