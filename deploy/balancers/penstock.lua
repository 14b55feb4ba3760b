-- Sends each request to the replica at which it waits the least.
--
-- Every answer of a replica tells in X-Penstock-Load how many seconds of work it has, by its own prediction. That is
-- counted down as time goes by, and what was sent since the last answer is added at the cost of those before it.

local replicas = {}
local default_cost = 0.01

local function replica(name)
    local found = replicas[name]
    if not found then
        found = { load = 0, at = 0, sent = 0, cost = default_cost }
        replicas[name] = found
    end
    return found
end

local function seconds()
    local now = core.now()
    return now.sec + now.usec / 1e6
end

core.register_action("penstock_choose", { "http-req" }, function(txn, backend)
    local now = seconds()
    local best, least, count = nil, math.huge, 0
    for name, server in pairs(core.backends[backend].servers) do
        local stats = server:get_stats()
        if stats.status:sub(1, 2) == "UP" then
            local known = replica(name)
            local outstanding = stats.scur
            -- Nothing is left of what a replica without requests had.
            local waits = outstanding == 0 and 0 or math.max(0, known.load - (now - known.at)) + known.sent * known.cost
            -- Among equals the one with fewer requests, among those any.
            local score = waits + outstanding * 1e-6
            if score < least then
                best, least, count = name, score, 1
            elseif score == least then
                count = count + 1
                if math.random(count) == 1 then best = name end
            end
        end
    end
    if best then
        replica(best).sent = replica(best).sent + 1
        txn:set_var("txn.replica", best)
    end
end, 1)

core.register_action("penstock_learn", { "http-res" }, function(txn)
    local name = txn.sf:srv_name()
    local field = txn.http:res_get_headers()["x-penstock-load"]
    local load = field and tonumber(field[0])
    if not name or not load then return end
    local known = replica(name)
    known.load, known.at, known.sent = load, seconds(), 0
    local server = core.backends["by_load"].servers[name]
    local outstanding = server and server:get_stats().scur or 0
    if load > 0 and outstanding > 0 then known.cost = 0.9 * known.cost + 0.1 * load / outstanding end
    txn.http:res_del_header("x-penstock-load")
end, 0)
