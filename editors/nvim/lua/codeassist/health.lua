--- `:checkhealth codeassist`: is everything there, and does it run?

local M = {}

local health = vim.health

local DOCTOR_TIMEOUT = 60000 -- milliseconds

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

---@return string[]? cmd
local function check_command()
  local config = vim.lsp.config.codeassist
  if not config then
    health.error('there is no configuration named codeassist', {
      'put editors/nvim on the runtimepath',
    })
    return nil
  end
  local cmd = config.cmd
  if type(cmd) ~= 'table' then
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
  health.ok('server: ' .. table.concat({ path, unpack(cmd, 2) }, ' '))
  return cmd
end

local DOCTOR_FLAGS =
  { id = '--model', adapter = '--adapter', n_ctx = '--n-ctx', threads = '--threads' }

--- `codeassist doctor` loads the model a second time: it is for when none runs.
---@param cmd string[] The server's.
local function check_doctor(cmd)
  local doctor = vim.tbl_map(function(word)
    return word == 'lsp' and 'doctor' or word
  end, cmd)
  if not vim.list_contains(doctor, 'doctor') then
    return
  end
  table.insert(doctor, '--json')
  local options = vim.lsp.config.codeassist.init_options or {}
  for name, value in pairs(options.model or {}) do
    if DOCTOR_FLAGS[name] then
      vim.list_extend(doctor, { DOCTOR_FLAGS[name], tostring(value) })
    end
  end
  local ran = vim.system(doctor, { text = true, timeout = DOCTOR_TIMEOUT }):wait()
  local ok, report = pcall(vim.json.decode, ran.stdout)
  if not ok then
    health.error(table.concat(doctor, ' ') .. ' failed', vim.trim(ran.stderr or ''))
    return
  end
  local tell = { ok = health.ok, warning = health.warn, error = health.error }
  for _, finding in ipairs(report.findings) do
    (tell[finding.level] or health.info)('doctor: ' .. finding.what)
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
  for _, bufnr in ipairs(buffers) do
    if not vim.lsp.inline_completion.is_enabled({ bufnr = bufnr, client_id = client.id }) then
      health.warn(('ghost text is switched off in buffer %d'):format(bufnr), {
        'is plugin/codeassist.lua on the runtimepath?',
        ':lua vim.lsp.inline_completion.enable(true, { bufnr = 0 })',
      })
    end
  end
end

---@param status codeassist.Status?
---@return boolean sound
local function check_status(status)
  if not status then
    health.info('the server has not said how it is yet')
    return true
  end
  local said = status.message or ''
  local text = said == '' and status.kind or ('%s: %s'):format(status.kind, said)
  if status.kind == 'error' then
    health.error(text)
    return false
  end
  health.ok(text)
  health.info(
    ('model %s; %d shown, %d accepted'):format(
      status.model or 'unknown',
      status.shown or 0,
      status.accepted or 0
    )
  )
  return true
end

function M.check()
  health.start('codeassist: editor')
  if not check_neovim() then
    return
  end
  if vim.lsp.is_enabled('codeassist') then
    health.ok('enabled')
  else
    health.warn('not enabled', "call require('codeassist').setup()")
  end

  health.start('codeassist: server')
  local cmd = check_command()
  local clients = vim.lsp.get_clients({ name = 'codeassist' })
  local sound = #clients > 0
  if not sound then
    health.warn('attached to no buffer', {
      'open a source file first',
      'what the server wrote: :lua vim.cmd.edit(vim.lsp.log.get_filename())',
    })
  end
  for _, client in ipairs(clients) do
    check_client(client)
    local status = require('codeassist').status(next(client.attached_buffers))
    sound = check_status(status) and sound
  end
  if cmd and not sound then
    check_doctor(cmd)
  end
end

return M
