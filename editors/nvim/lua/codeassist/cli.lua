--- Sub-commands of `codeassist` that only read, their output in a buffer of its own.

local say = require('codeassist.say')
local server = require('codeassist.server')
local settings = require('codeassist.settings')
local state = require('codeassist.state')

local M = {}

--- Whether a window may be opened now; says so if it may not.
---@return boolean
function M.may_open()
  local may = vim.fn.getcmdwintype() == ''
  if not may then
    say('close the command-line window first', vim.log.levels.WARN)
  end
  return may
end

---@param name string
---@param text string
local function show(name, text)
  if not M.may_open() then
    return
  end
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  -- who types on meanwhile stays in his own window
  local is_idle = vim.api.nvim_get_mode().mode:sub(1, 1) == 'n'
  local window = vim.api.nvim_open_win(bufnr, is_idle, { split = 'below', win = -1 })
  vim.wo[window].wrap = false
  vim.bo[bufnr].modifiable = true -- it may be off for all that is new
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, true, vim.split(text, '\n'))
  vim.bo[bufnr].modifiable = false
  pcall(vim.api.nvim_buf_set_name, bufnr, 'codeassist://' .. name) -- one may be open
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = bufnr, nowait = true })
end

---@return string
local function folder()
  local client = state.client(0)
  local here = vim.fs.dirname(vim.api.nvim_buf_get_name(0))
  local root = client and client.root_dir or here
  return vim.uv.fs_stat(root) and root or vim.uv.cwd()
end

--- Run a sub-command; `done` gets what it wrote, or is not called and the user told why.
---@param words string[]
---@param done fun(stdout: string)
---@param stdin? string
function M.run(words, done, stdin)
  local cmd = server.cli(unpack(words))
  if not cmd then
    say('the server is started by a function or without `lsp`; run `codeassist` yourself')
    return
  elseif vim.fn.executable(cmd[1]) == 0 then
    say(cmd[1] .. ' is not installed; :checkhealth codeassist', vim.log.levels.WARN)
    return
  end
  local env = vim.lsp.config.codeassist.cmd_env
  local options = { text = true, stdin = stdin, cwd = folder(), env = env }
  local started, problem = pcall(
    vim.system,
    cmd,
    options,
    vim.schedule_wrap(function(ran)
      if ran.code == 0 then
        done(ran.stdout)
      else
        local lines = vim.split(vim.trim(ran.stderr), '\n')
        say((lines[#lines]:gsub('^codeassist: ', '')), vim.log.levels.WARN)
      end
    end)
  )
  if not started then
    say(('%s cannot be run (%s)'):format(cmd[1], problem), vim.log.levels.WARN)
  end
end

---@param words string[]
---@param stdin? string
function M.show(words, stdin)
  M.run(words, function(stdout)
    show(table.concat(words, ' '), vim.trim(stdout))
  end, stdin)
end

--- The prompt that the model would see here, and why.
---@param words string[] More options of `explain`.
function M.explain(words)
  local bufnr = vim.api.nvim_get_current_buf()
  local path = vim.api.nvim_buf_get_name(bufnr)
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, true)
  local place = ('%s:%d:%d'):format(path, vim.fn.line('.'), vim.fn.charcol('.'))
  local asked = { 'explain', '--stdin', '--path', path, '--language', vim.bo.filetype }
  local told = settings.told()
  if next(told) then
    vim.list_extend(asked, { '--settings', vim.json.encode(told) })
  end
  vim.list_extend(asked, words)
  say('loading the model once more, to explain ...')
  M.run(vim.list_extend(asked, { place }), function(stdout)
    show('explain', vim.trim(stdout))
  end, table.concat(lines, '\n') .. '\n')
end

return M
