-- The limits of a call. Every kind of limit is made known here.
--
-- needs       kinds, token-bucket, fixed-window, sliding-window, sliding-log
-- KEYS, ARGV  none of its own
-- returns     a module: read
-- units       period is microseconds, capacity permits
--
-- They are written as a JSON array of 6 numbers for each:
--   kind   1 token bucket, 2 fixed window, 3 sliding window, 4 sliding log
--   tick   the length of a tick: 0 a microsecond, 1 a millisecond, 2 a second
--   rate   token bucket: units that drain per tick; else 0
--   unit   token bucket: units to a permit; sliding window: ticks to the period; else the period
--   period microseconds
--   capacity permits

kinds.add(kinds.TOKEN_BUCKET, token_bucket)
kinds.add(kinds.FIXED_WINDOW, fixed_window)
kinds.add(kinds.SLIDING_WINDOW, sliding_window)
kinds.add(kinds.SLIDING_LOG, sliding_log)

-- The list of limits that a text holds.
local last_text, last = nil, nil
local function read(text)
  if text == last_text then return last end
  local limits, numbers = {}, cjson.decode(text)
  for i = 1, #numbers, 6 do
    limits[#limits + 1] = {
      kind = numbers[i],
      algorithm = kinds.algorithms[numbers[i]],
      tick = numbers[i + 1],
      rate = numbers[i + 2],
      unit = numbers[i + 3],
      period_us = numbers[i + 4],
      capacity = numbers[i + 5],
    }
  end
  last_text, last = text, limits
  return limits
end

return { read = read }
