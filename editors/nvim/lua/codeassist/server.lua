--- The server's process: its command, its version, and what happens when it ends.

local say = require('codeassist.say')

local M = {}

M.VERSION = '0.1' -- of the server that this plugin is made for
M.STEADY = 60000 -- milliseconds that a server runs until the crash before is forgotten

local COMMAND = { 'codeassist', 'lsp' }
local ROOT_MARKERS = { '.codeassist.toml', '.git', '.hg', '.jj', '.svn' }

local RESTARTS = 3
local FIRST_WAIT = 500 -- milliseconds before the first restart; each later one twice that
local EXIT_PATIENCE = 2000 -- milliseconds that a server may take to end

---@class codeassist.Crash
---@field code integer
---@field signal integer
---@field count integer In a row.
---@field given_up boolean
---@field pending boolean Whether a restart is on its way.

---@type codeassist.Crash?
local crash

---@type { code: integer, signal: integer }?
local last_words
local missing_told = false

---@type table<integer, 'again'> Clients that shall end, for another to begin.
local dismissed = {}

---@type table<integer, true> Buffers that would have a server if they had a name, or
--- anything were asked in them.
local put_off = {}

---@type table<integer, true> Buffers that are off, but in which somebody has asked by hand.
local called = {}

--- The command that serves LSP; nil: the user starts it by a function of their own.
---@return string[]?
function M.command()
  local config = vim.lsp.config.codeassist
  if config.cmd == M.start then
    return M.words or COMMAND
  end
  local cmd = config.cmd
  return type(cmd) == 'table' and cmd or nil
end

--- The command line for another sub-command of the same installation.
---@param ... string
---@return string[]?
function M.cli(...)
  local words = M.command() or {}
  for n, word in ipairs(words) do
    if word == 'lsp' and n > 1 then
      return vim.list_extend(vim.list_slice(words, 1, n - 1), { ... })
    end
  end
end

---@param dispatchers vim.lsp.rpc.Dispatchers
---@param config vim.lsp.ClientConfig
---@return vim.lsp.rpc.PublicClient
function M.start(dispatchers, config)
  local on_exit = dispatchers.on_exit
  dispatchers.on_exit = function(code, signal)
    last_words = { code = code, signal = signal }
    on_exit(0, 0) -- Neovim would tell of every crash; we do, when it matters
  end
  return vim.lsp.rpc.start(M.words or COMMAND, dispatchers, {
    cwd = config.cmd_cwd,
    env = config.cmd_env,
    detached = config.detached,
  })
end

--- Whether there is a server to start; says once if there is none.
---@return boolean
function M.may_start()
  local words = M.command()
  if words and vim.fn.executable(words[1]) == 0 then
    if not missing_told then
      missing_told = true
      say(words[1] .. ' is not installed; :checkhealth codeassist', vim.log.levels.WARN)
    end
    return false
  end
  return not (crash and crash.given_up)
end

---@param bufnr integer
---@return string?
function M.root_of(bufnr)
  return vim.fs.root(bufnr, ROOT_MARKERS)
end

--- All buffers without a name are one document to a server, and one that nobody asks need
--- not load its model: this buffer gets none for now.
---@param bufnr integer
function M.put_off(bufnr)
  put_off[bufnr] = true
end

---@param bufnr integer
---@return boolean
function M.is_put_off(bufnr)
  return put_off[bufnr] == true
end

--- A buffer may have got a name, or be switched on. One that has its filetype already is
--- not looked at again by Neovim itself.
---@param bufnr integer
function M.look_again(bufnr)
  if put_off[bufnr] and vim.api.nvim_buf_is_loaded(bufnr) then
    put_off[bufnr] = nil
    vim.api.nvim_exec_autocmds('FileType', { group = 'nvim.lsp.enable', buffer = bufnr })
  end
end

function M.look_again_at_all()
  vim.iter(vim.tbl_keys(put_off)):each(M.look_again)
end

--- Somebody asks by hand where there is no server, perhaps because it is off there.
---@param bufnr integer
---@return boolean comes Whether there will be one.
function M.call(bufnr)
  called[bufnr] = called[bufnr] or put_off[bufnr]
  M.look_again(bufnr)
  return M.is_called(bufnr)
end

---@param bufnr integer
---@return boolean
function M.is_called(bufnr)
  return called[bufnr] == true
end

--- A buffer is about to get another name: to the server it is another document then.
---@param bufnr integer
function M.rename(bufnr)
  for _, client in ipairs(vim.lsp.get_clients({ name = 'codeassist', bufnr = bufnr })) do
    put_off[bufnr] = true
    vim.lsp.buf_detach_client(bufnr, client.id)
  end
  vim.schedule(function() -- it may keep its name, if there is such a buffer
    M.look_again(bufnr)
  end)
end

--- Whether a version is one that this plugin was made for.
---@param version? string
---@return boolean
function M.suits(version)
  local theirs = version and vim.version.parse(version)
  local ours = assert(vim.version.parse(M.VERSION, { strict = false }))
  return theirs ~= nil and theirs.major == ours.major and theirs.minor >= ours.minor
end

--- Forget the crash before, once this server has run for long.
local function forget_later()
  local found = crash
  vim.defer_fn(function()
    if found == crash then
      crash = nil
    end
  end, M.STEADY)
end

---@param client vim.lsp.Client
function M.started(client)
  missing_told = false
  forget_later()
  local version = (client.server_info or {}).version
  if not M.suits(version) then
    local text = 'the server is %s, not %s; :checkhealth codeassist'
    say(text:format(version or 'of no version', M.VERSION), vim.log.levels.WARN)
  end
end

---@return codeassist.Crash?
function M.crash()
  return crash
end

--- Whether a crash is being mended: another server shall begin, or does.
---@return boolean
function M.is_restarting()
  local clients = vim.lsp.get_clients({ name = 'codeassist', _uninitialized = true })
  local function begins(client)
    return not client.initialized
  end
  return crash ~= nil and (crash.pending or vim.iter(clients):any(begins))
end

---@param code integer
---@param signal integer
---@return string
function M.obituary(code, signal)
  return signal ~= 0 and ('ended by signal %d'):format(signal)
    or ('ended with status %d'):format(code)
end

---@param found codeassist.Crash
local function give_up(found)
  found.given_up = true
  local text = 'the server %s; :checkhealth codeassist'
  say(text:format(M.obituary(found.code, found.signal)), vim.log.levels.ERROR)
end

---@param found codeassist.Crash
local function restart_later(found)
  found.pending = true
  vim.defer_fn(function()
    found.pending = false
    if found == crash and vim.lsp.is_enabled('codeassist') then
      vim.lsp.enable('codeassist')
    end
  end, FIRST_WAIT * 2 ^ (found.count - 1))
end

---@param code integer
---@param signal integer
---@param client_id integer
---@param is_told boolean
local function on_end(code, signal, client_id, is_told)
  if vim.v.exiting ~= vim.NIL or not vim.lsp.is_enabled('codeassist') then
    return
  end
  if dismissed[client_id] then
    dismissed[client_id] = nil
    vim.lsp.enable('codeassist')
    return
  end
  local before = crash and crash.count or 0
  crash = nil
  if not is_told then
    crash = { code = code, signal = signal, count = before + 1, given_up = false, pending = false }
    if crash.count > RESTARTS then
      give_up(crash)
    else
      restart_later(crash)
    end
  end
  require('codeassist.state').announce()
end

--- A client's process is gone. One that ends well, or by the force of whoever stops it,
--- was told to, and stays so.
---@param code integer
---@param signal integer
---@param client_id integer
function M.ended(code, signal, client_id)
  local words = last_words or { code = code, signal = signal }
  last_words = nil
  local client = vim.lsp.get_client_by_id(client_id)
  local is_forced = client ~= nil and client._is_stopping
  local is_told = is_forced or words.code == 0 and words.signal == 0
  vim.schedule(function()
    on_end(words.code, words.signal, client_id, is_told)
  end)
end

--- Start anew, now, even where the server hangs at its start.
function M.restart()
  crash, missing_told = nil, false
  local clients = vim.lsp.get_clients({ name = 'codeassist', _uninitialized = true })
  for _, client in ipairs(clients) do
    dismissed[client.id] = 'again'
    client:stop(EXIT_PATIENCE)
  end
  if #clients == 0 or not vim.lsp.is_enabled('codeassist') then
    vim.lsp.enable('codeassist')
  end
end

return M
