-- Posts the body in BODY_FILE; with a bearer key in API_KEY, or with one voucher a request from VOUCHERS_FILE.
local function lines(path)
    local found = {}
    for line in io.lines(path) do found[#found + 1] = line end
    return found
end

local file = io.open(os.getenv("BODY_FILE"), "rb")
wrk.method, wrk.body = "POST", file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/json"

local key, path = os.getenv("API_KEY"), os.getenv("VOUCHERS_FILE")
if key then wrk.headers["Authorization"] = "Bearer " .. key end
if path then
    local vouchers, taken = lines(path), 0
    function request()
        taken = taken + 1
        -- Beyond the last one the host refuses, which the summary counts as an error.
        wrk.headers["X-Gonka-Voucher"] = vouchers[taken] or "none-left"
        return wrk.format()
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests": %d, "microseconds": %d, "bytes": %d, "failed": %d, "p50": %f, "p99": %f}\n',
        summary.requests, summary.duration, summary.bytes,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
