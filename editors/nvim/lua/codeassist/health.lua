--- `:checkhealth codeassist`: each fault by its name, and its cure.

local M = {}

local health = vim.health

local CLI_TIMEOUT = 30000 -- milliseconds; Python starts slowly on a busy machine
local DOCTOR_TIMEOUT = 120000 -- it loads the model

local OTHERS = 'let only one of them show ghost text: stop the other, or :lsp disable codeassist'

---@param ... string Words of a sub-command.
---@return vim.SystemCompleted? ran Nil: there is no command line to run.
local function run(timeout, ...)
  local cmd = require('codeassist.server').cli(...)
  if not cmd then
    return nil
  end
  local env = vim.lsp.config.codeassist.cmd_env
  local ok, ran = pcall(function()
    return vim.system(cmd, { text = true, timeout = timeout, env = env }):wait()
  end)
  return ok and ran or { code = 127, signal = 0, stdout = '', stderr = tostring(ran) }
end

---@param ran vim.SystemCompleted
---@return string
local function last_line(ran)
  local lines = vim.split(vim.trim(ran.stderr or ''), '\n')
  return (lines[#lines]:gsub('^codeassist: ', ''))
end

-- -- editor -----------------------------------------------------------------------------

---@return boolean
local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.12') == 1 and vim.lsp.inline_completion then
    health.ok('Neovim ' .. version)
    return true
  end
  health.error('Neovim ' .. version .. ' cannot show inline completions', 'use 0.12 or newer')
  return false
end

local function check_setup()
  local codeassist = require('codeassist')
  if vim.fn.exists(':Codeassist') ~= 2 then
    health.error('plugin/codeassist.lua was not loaded: nothing shows ghost text', {
      'put editors/nvim on the runtimepath before plugins are loaded',
      'or :runtime! plugin/codeassist.lua',
    })
  end
  if vim.lsp.is_enabled('codeassist') then
    health.ok('enabled')
  else
    health.error('not enabled', "call require('codeassist').setup() in init.lua")
  end
  for _, fault in ipairs(codeassist.faults) do
    health.error(fault, 'mend it in what setup() is given; :help codeassist-settings lists all')
  end
end

---@param bufnr integer
---@return string
local function name_of(bufnr)
  return vim.fn.fnamemodify(vim.api.nvim_buf_get_name(bufnr), ':~:.')
end

--- The mapping that keeps a key from us, everywhere or in a buffer alone.
---@param key string
---@return table<string, any>? mapping Empty: the key is not mapped any more.
---@return string where
local function usurper(key)
  local keys = require('codeassist.keys')
  local mapping = keys.mapping_of(key)
  if not keys.is_ours(mapping) then
    return mapping or {}, ''
  end
  for _, client in ipairs(vim.lsp.get_clients({ name = 'codeassist' })) do
    for bufnr in vim.spairs(client.attached_buffers) do
      local own = keys.mapping_of(key, bufnr)
      if own and not keys.is_handed_on(own) then
        return own, ' in ' .. name_of(bufnr)
      end
    end
  end
  return nil, ''
end

---@param action string
---@param key string
---@return boolean
local function check_key(action, key)
  local mapping, where = usurper(key)
  if not mapping then
    return true
  end
  local other = (mapping.desc or mapping.rhs or 'nothing') .. where
  health.warn(('%s was mapped to %s, and is now mapped to %s'):format(key, action, other), {
    (':verbose imap %s says who did that'):format(key),
    'call setup() after it, name another key in keymaps, or call '
      .. ("require('codeassist').%s() in that mapping"):format(action),
  })
  return false
end

local function check_keys()
  local mapped, sound = require('codeassist.keys').mapped, true
  for action, key in vim.spairs(mapped) do
    sound = check_key(action, key) and sound
  end
  if not next(mapped) then
    health.info('no keys are mapped; setup({ keymaps = { accept = "<Tab>" } }) maps one')
  elseif sound then
    health.ok('keys are mapped')
  end
  if vim.o.paste then
    health.warn("'paste' is set: mapped keys do nothing", ':set nopaste')
  end
end

-- -- server -----------------------------------------------------------------------------

---@param cmd string[]
---@return boolean
local function check_version(cmd)
  local server = require('codeassist.server')
  local ran = run(CLI_TIMEOUT, '--version')
  if not ran then
    health.info('its version is not known before it runs: there is no word `lsp` in cmd')
    return true
  end
  local version = vim.trim(ran.stdout):match('^codeassist (%S+)$')
  if ran.code ~= 0 or not version then
    local said = last_line(ran)
    health.error(('%s is no codeassist that works: %s'):format(cmd[1], said), {
      'run it by hand: ' .. table.concat(cmd, ' '),
      "name the right one: setup({ cmd = { '/path/to/codeassist', 'lsp' } })",
    })
    return false
  elseif not server.suits(version) then
    local text = 'the server is version %s, this plugin is made for %s'
    health.error(text:format(version, server.VERSION), {
      'install the version that this plugin came with, or the plugin of that server',
    })
    return false
  end
  health.ok('codeassist ' .. version)
  return true
end

---@return string[]? cmd Nil: there is none, or it does not work.
local function check_command()
  local cmd = require('codeassist.server').command()
  if not cmd then
    health.info('the server is started by a function of yours')
    return nil
  end
  local path = vim.fn.exepath(cmd[1])
  if path == '' then
    health.error(cmd[1] .. ' is not an executable', {
      "install codeassist as the repository's README says",
      "or name it: require('codeassist').setup({ cmd = { '/path/to/codeassist', 'lsp' } })",
    })
    return nil
  end
  health.ok('command: ' .. table.concat({ path, unpack(cmd, 2) }, ' '))
  return check_version(cmd) and cmd or nil
end

--- `codeassist doctor` loads the model a second time: it is for when no server lives.
local function check_doctor()
  local ran = run(DOCTOR_TIMEOUT, 'doctor', '--json')
  local ok, report = pcall(vim.json.decode, ran and ran.stdout or '')
  if not ok then
    health.error('codeassist doctor fails, too: ' .. (ran and last_line(ran) or ''))
    return
  end
  local tell = { ok = health.ok, warning = health.warn, error = health.error }
  for _, finding in ipairs(report.findings) do
    (tell[finding.level] or health.info)('doctor: ' .. finding.what)
  end
end

---@return boolean crashed
local function check_crash()
  local server = require('codeassist.server')
  local crash = server.crash()
  if not crash then
    return false
  end
  local advice = {
    'what it wrote: :Codeassist log, and :edit ' .. vim.lsp.log.get_filename(),
    ':Codeassist restart starts it anew',
  }
  local text = ('the server %s, %d times in a row'):format(
    server.obituary(crash.code, crash.signal),
    crash.count
  )
  if crash.given_up then
    health.error(text .. '; it is not restarted any more', advice)
  else
    health.warn(text, advice)
  end
  return true
end

local function check_model_file()
  local ran = run(CLI_TIMEOUT, 'models', 'path')
  if ran and ran.code == 0 then
    health.ok('default model: ' .. vim.trim(ran.stdout))
  elseif ran then
    health.error(last_line(ran), { ':Codeassist model fetches one', 'or: codeassist models pull' })
  end
end

---@param client vim.lsp.Client
---@param bufnr integer
local function check_buffer(client, bufnr)
  local on, where = require('codeassist.scope').of(bufnr)
  local name = name_of(bufnr)
  if not on then
    health.warn(('switched off in %s (%s)'):format(name, where), ':Codeassist enable ' .. where)
  elseif not vim.lsp.inline_completion.is_enabled({ bufnr = bufnr, client_id = client.id }) then
    health.warn('inline completion is disabled in ' .. name, {
      ':lua vim.lsp.inline_completion.enable(true, { bufnr = ' .. bufnr .. ' })',
      'something in your configuration switches it off after codeassist switched it on',
    })
  end
  for _, other in ipairs(vim.lsp.get_clients({ bufnr = bufnr })) do
    if other.id ~= client.id and other:supports_method('textDocument/inlineCompletion') then
      health.warn(('%s shows ghost text in %s, too'):format(other.name, name), OTHERS)
    end
  end
end

---@param client vim.lsp.Client
local function check_client(client)
  local info = client.server_info or {}
  local buffers = vim.tbl_keys(client.attached_buffers)
  local text = '%s %s: attached to %d buffer(s), root %s, positions in %s'
  health.ok(
    text:format(
      info.name or client.name,
      info.version or '',
      #buffers,
      client.root_dir or 'none',
      client.offset_encoding
    )
  )
  table.sort(buffers)
  for _, bufnr in ipairs(buffers) do
    check_buffer(client, bufnr)
  end
end

---@param client vim.lsp.Client
local function check_status(client)
  local state = require('codeassist.state')
  local status = state.status(next(client.attached_buffers))
  if not status then
    health.info('the server has not said how it is yet')
    return
  end
  local said = status.message or ''
  local text = said == '' and status.kind or ('%s: %s'):format(status.kind, said)
  if status.reason == 'no-model' then
    health.error(text, { ':Codeassist model fetches one', 'or: codeassist models pull' })
  elseif status.kind == 'error' then
    health.error(text, 'what it wrote: :Codeassist log')
  else
    health.ok(text)
    local figures = 'model %s; %d shown, %d accepted'
    local model = status.model or 'unknown'
    health.info(figures:format(model, status.shown or 0, status.accepted or 0))
  end
  for _, complaint in ipairs(state.complaints()) do
    if complaint ~= said then
      health.warn('the server said: ' .. complaint, {
        'mend the setting that it names; :help codeassist-settings lists all',
      })
    end
  end
end

--- The nearest folder that is there.
---@param path string
---@return string
local function existing(path)
  while not vim.uv.fs_stat(path) and vim.fs.dirname(path) ~= path do
    path = vim.fs.dirname(path)
  end
  return path
end

local function check_folders()
  local folders = require('codeassist.folders')
  local wanted = { records = folders.data(), log = vim.fs.dirname(folders.log()) }
  for what, path in vim.spairs(wanted) do
    local nearest = existing(path)
    local stat = vim.uv.fs_stat(nearest)
    local is_folder = stat ~= nil and stat.type == 'directory'
    if not is_folder then
      local text = 'the folder of the %s cannot be made: %s is a file'
      health.error(text:format(what, nearest), 'move that file away')
    elseif not vim.uv.fs_access(nearest, 'W') then
      local text = 'the folder of the %s cannot be written: %s'
      health.error(text:format(what, nearest), { 'give yourself the right: chmod u+w ' .. nearest })
    end
  end
end

function M.check()
  health.start('codeassist: editor')
  if not check_neovim() then
    return
  end
  check_setup()
  check_keys()

  health.start('codeassist: server')
  local cmd = check_command()
  check_folders()
  local crashed = check_crash()
  local clients = vim.lsp.get_clients({ name = 'codeassist' })
  for _, client in ipairs(clients) do
    check_client(client)
    check_status(client)
  end
  if not cmd or #clients > 0 then
    return
  elseif crashed then
    check_doctor()
  else
    health.warn('attached to no buffer', {
      'open a source file; :checkhealth vim.lsp lists what is attached',
      'where it is switched off no server is started: :Codeassist enable everywhere',
    })
    check_model_file()
  end
end

return M
