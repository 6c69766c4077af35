"""The one step in Redis: every policy of a request looked at, and taken from all or none.

KEYS: one for each policy, sharing a hash tag. ARGV: the time in µs (empty: Redis' own, as it always is but in
tests), then for each policy its kind and two numbers: `rate` interval and tolerance in µs, `quota`
count and window in ms. Answers whether it was taken, the time, and each policy's state as text: Lua would cut
a number short. What the states mean is said once, in `policies`.

A key outlives its meaning by a second: an expiry that comes early would be a gift.
"""

from __future__ import annotations

TAKE = """
local now
if ARGV[1] == '' then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000000 + tonumber(t[2])
else
  now = tonumber(ARGV[1])
end
local now_ms = math.floor(now / 1000)
local states, taken = {}, 1

for i = 1, #KEYS do
  local kind, a, b = ARGV[3 * i - 1], tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local held = redis.call('GET', KEYS[i]) or ''
  if kind == 'rate' then
    local due = math.min(math.max(tonumber(held) or 0, now), now + b)
    if due + a > now + b then taken = 0 end
    states[i] = {due}
  else
    local index = math.floor(now_ms / b)
    local was, before, within = string.match(held, '^(%d+) (%d+) (%d+)$')
    was, before, within = tonumber(was) or -2, tonumber(before) or 0, tonumber(within) or 0
    if was < index - 1 or was > index + 1 then before, within = 0, 0
    elseif was == index - 1 then before, within = within, 0 end
    if (a - within) * b - before * (b - now_ms % b) < b then taken = 0 end
    states[i] = {index, before, within}
  end
end

local answer = {tostring(taken), string.format('%.0f', now)}
for i = 1, #KEYS do
  local kind, a, b = ARGV[3 * i - 1], tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local state, text, life_ms = states[i]
  if kind == 'rate' then
    if taken == 1 then state[1] = state[1] + a end
    text = string.format('%.0f', state[1])
    life_ms = math.ceil((state[1] - now) / 1000)
  else
    if taken == 1 then state[3] = state[3] + 1 end
    text = string.format('%.0f %.0f %.0f', state[1], state[2], state[3])
    life_ms = 2 * b - now_ms % b
  end
  if taken == 1 then redis.call('SET', KEYS[i], text, 'PX', string.format('%.0f', life_ms + 1000)) end
  answer[i + 2] = text
end
return answer
"""
