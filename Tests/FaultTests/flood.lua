-- wrk's part of test_overload.py: places orders, and counts what they were answered with.
--
--   wrk … -- TOKEN MARK DELAY FILE
--
-- Each connection waits DELAY milliseconds on average between an answer and its next request. The ids of orders placed
-- are written to FILE; the counts are printed as JSON in the last line.

local threads = {}

function setup(thread) table.insert(threads, thread) end

function init(arguments)
  local token, mark
  token, mark, pause, file = arguments[1], arguments[2], tonumber(arguments[3]), arguments[4]
  placed = io.open(file, "w")
  counts = {}
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. token
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"description":"' .. mark .. '","specifications":"none","quantity":1}'
  message = wrk.format()
end

function request() return message end

function delay() return math.random(0, 2 * pause) end

function response(status, headers, body)
  local kind = tostring(status)
  if status == 201 then
    placed:write(body:match('"id":"([^"]*)"'), "\n")
  elseif status == 503 then
    local type, retry
    for name, value in pairs(headers) do
      if name:lower() == "content-type" then type = value end
      if name:lower() == "retry-after" then retry = value end
    end
    if not (type or ""):find("^application/problem%+json") then kind = "503 that is no problem" end
    if not (retry or ""):find("^%d+$") then kind = "503 without Retry-After" end
  end
  counts[kind] = (counts[kind] or 0) + 1
end

function done(summary, latency, requests)
  local fields = {}
  for _, thread in ipairs(threads) do
    for kind, count in pairs(thread:get("counts")) do table.insert(fields, string.format('"%s":%d', kind, count)) end
  end
  io.write(string.format('\n{"answers":{%s},"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
    table.concat(fields, ","), summary.errors.connect, summary.errors.read, summary.errors.write,
    summary.errors.timeout))
end
