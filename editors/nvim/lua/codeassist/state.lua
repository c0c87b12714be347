--- What the server says of itself, and what that means in a buffer.

local say = require('codeassist.say')
local scope = require('codeassist.scope')
local server = require('codeassist.server')

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local COMPLAINTS = 20 -- that are kept
local WARNING = 2 -- an LSP MessageType; 1 is an error

---@class codeassist.Status What the server last said, as it came.
---@field kind 'loading'|'idle'|'thinking'|'quiet'|'error'
---@field message? string For people.
---@field reason? string Why the last answer was empty.
---@field model? string
---@field shown integer Completions shown since the server started.
---@field accepted integer

---@class codeassist.State
---@field name 'absent'|'off'|'loading'|'ready'|'thinking'|'quiet'|'error'
---@field text string For people.
---@field reason? string Why the last answer was empty, where it is `quiet`.
---@field work? string What else goes on: a download, indexing, fine-tuning.

---@type table<integer, codeassist.Status> By client id.
local statuses = {}

---@type table<integer, table<string|integer, table>> Work in progress by client and token.
local running = {}

---@type string[] Warnings and errors of the server, newest last.
local complaints = {}

local NO_NEWS = { cancelled = true, superseded = true }

local drawn = false -- whether a statusline shows us

--- Tell all who show the state that it may have changed.
function M.announce()
  local function tell()
    vim.api.nvim_exec_autocmds('User', { pattern = 'CodeassistStatus', modeline = false })
    if drawn then
      vim.cmd.redrawstatus({ bang = true })
    end
  end
  vim.schedule(tell)
end

---@param bufnr? integer
---@return vim.lsp.Client?
function M.client(bufnr)
  return vim.lsp.get_clients({ name = 'codeassist', bufnr = bufnr or 0 })[1]
end

---@param bufnr? integer
---@return codeassist.Status?
function M.status(bufnr)
  local client = M.client(bufnr)
  return client and statuses[client.id]
end

--- Whether a buffer has a server that has said it can answer.
---@param bufnr integer
---@return boolean
function M.has_model(bufnr)
  local status = M.status(bufnr)
  return status ~= nil and status.kind ~= 'loading'
end

---@return string[]
function M.complaints()
  return complaints
end

--- The tokens of the work that the user may end.
---@param client vim.lsp.Client
---@return (string|integer)[]
function M.cancellable(client)
  return vim
    .iter(pairs(running[client.id] or {}))
    :filter(function(_, value)
      return value.cancellable == true
    end)
    :map(function(token)
      return token
    end)
    :totable()
end

---@param client vim.lsp.Client
---@return string?
local function work_of(client)
  local parts = vim
    .iter(pairs(running[client.id] or {}))
    :map(function(_, value)
      local percent = value.percentage and ('%d %%'):format(value.percentage)
      local said = value.message ~= '' and value.message or nil
      local title = (value.title or ''):gsub('^codeassist: ', '')
      return vim.iter({ title, percent or said }):join(' ')
    end)
    :totable()
  table.sort(parts)
  return parts[1] and table.concat(parts, ', ')
end

---@param client vim.lsp.Client
---@param bufnr integer
---@return boolean
local function is_thinking(client, bufnr)
  return vim.iter(pairs(client.requests)):any(function(_, request)
    return request.type == 'pending' and request.method == METHOD and request.bufnr == bufnr
  end)
end

---@param where codeassist.Where
---@return codeassist.State
local function off(where)
  return { name = 'off', text = ('off (%s)'):format(where) }
end

--- Where no server has said a word yet.
---@param bufnr integer
---@return codeassist.State
local function state_without_client(bufnr)
  local crash = server.crash()
  local begins = { name = 'codeassist', bufnr = bufnr, _uninitialized = true }
  if not vim.lsp.is_enabled('codeassist') then
    return { name = 'absent', text = 'not enabled' }
  elseif crash and crash.given_up then
    return { name = 'error', text = 'the server ' .. server.obituary(crash.code, crash.signal) }
  elseif server.is_restarting() and vim.bo.buftype == '' then
    return { name = 'loading', text = 'restarting' }
  elseif vim.lsp.get_clients(begins)[1] then
    return { name = 'loading', text = 'starting' }
  elseif vim.bo[bufnr].buftype == '' and vim.api.nvim_buf_get_name(bufnr) == '' then
    return { name = 'absent', text = 'no name yet: `:write NAME`' }
  end
  local on, where = scope.of(bufnr)
  if not on and server.is_put_off(bufnr) then
    return off(where)
  end
  return { name = 'absent', text = 'no server here' }
end

---@param status? codeassist.Status
---@param client vim.lsp.Client
---@param bufnr integer
---@return codeassist.State
local function state_of(status, client, bufnr)
  if not status or status.kind == 'loading' then
    return { name = 'loading', text = 'loading' }
  elseif status.kind == 'error' then
    return { name = 'error', text = status.message or status.reason or 'error' }
  elseif status.kind == 'thinking' or is_thinking(client, bufnr) then
    return { name = 'thinking', text = 'thinking' }
  elseif status.reason and not NO_NEWS[status.reason] then
    local text = ('quiet (%s)'):format((status.reason:gsub('-', ' ')))
    return { name = 'quiet', text = text, reason = status.reason }
  end
  return { name = 'ready', text = 'ready' }
end

--- How things stand in a buffer.
---@param bufnr? integer
---@return codeassist.State
function M.of(bufnr)
  bufnr = vim._resolve_bufnr(bufnr)
  local client = M.client(bufnr)
  if not client then
    return state_without_client(bufnr)
  end
  local state = state_of(statuses[client.id], client, bufnr)
  local on, where = scope.of(bufnr)
  if not on and state.name ~= 'error' then
    state = off(where)
  end
  state.work = work_of(client)
  return state
end

--- A part for 'statusline', as `%{%` takes it; empty where there is no server.
---@return string
function M.statusline()
  drawn = true
  local state = M.of(0)
  if state.name == 'absent' then
    return ''
  end
  local text = state.text
  if state.work then
    text = state.name == 'loading' and state.work or ('%s, %s'):format(text, state.work)
  end
  return (('codeassist: ' .. text):gsub('%%', '%%%%'))
end

-- -- what the server sends -----------------------------------------------------------

---@type lsp.Handler
function M.on_status(_, status, context)
  for field, value in pairs(status) do
    if value == vim.NIL or value == '' then -- which Lua takes for true
      status[field] = nil
    end
  end
  local before = statuses[context.client_id]
  if before and before.kind == 'error' and status.kind == 'error' then
    status.message = status.message or before.message -- an empty answer is no news of it
  end
  statuses[context.client_id] = status
  if status.kind == 'error' and status.reason == 'no-model' then
    if not before or before.kind ~= 'error' then
      say('no model runs; :Codeassist model offers some', vim.log.levels.WARN)
    end
  end
  local is_loaded = before and before.kind == 'loading' and status.kind ~= 'loading'
  local bufnr = vim.api.nvim_get_current_buf()
  if is_loaded and vim.lsp.buf_is_attached(bufnr, context.client_id) then
    require('codeassist.ghost').make_up(bufnr)
  end
  M.announce()
end

---@type lsp.Handler
function M.on_message(_, params, context)
  local said = params.message:gsub('^codeassist: ', '')
  if params.type <= WARNING then
    table.insert(complaints, said)
    if #complaints > COMPLAINTS then
      table.remove(complaints, 1)
    end
  end
  -- while no model is there the status says so, and what to do about it from here
  local status = statuses[context.client_id]
  local loading = not status or status.kind == 'loading'
  if not (loading and params.type == vim.lsp.protocol.MessageType.Error) then
    local levels = { vim.log.levels.ERROR, vim.log.levels.WARN }
    say(said, levels[params.type] or vim.log.levels.INFO)
  end
end

---@param client_id integer
---@param params lsp.ProgressParams
function M.on_progress(client_id, params)
  local client = vim.lsp.get_client_by_id(client_id)
  if not client or client.name ~= 'codeassist' then
    return
  end
  local value = params.value --[[@as table]]
  local all = running[client_id] or {}
  running[client_id] = all
  if value.kind == 'end' then
    all[params.token] = nil
  else
    all[params.token] = vim.tbl_extend('force', all[params.token] or {}, value)
  end
  M.announce()
end

---@param client_id integer
---@param request { type: string, method: string }
function M.on_request(client_id, request)
  local client = vim.lsp.get_client_by_id(client_id)
  if client and client.name == 'codeassist' and request.method == METHOD then
    M.announce()
  end
end

return M
