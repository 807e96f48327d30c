-- What is said of the request that is being decided, as acquire.lua explains it.
--
-- needs       none
-- KEYS, ARGV  none of its own
-- returns     a module: the outcomes; and lists that each request uses anew, because tables are what takes time: of
--             each charge remaining, reset_after and retry_after; and of a lease the three numbers of leased
-- units       permits, microseconds

return {
  CHARGED = 1,
  REFUSED = 0,
  FAILED = -1,
  OUTDATED = -2,
  remaining = {},
  reset_after = {},
  retry_after = {},
  leased = {},
}
