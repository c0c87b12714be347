--- The public face: settings, keys, and what the server is doing.

local ghost = require('codeassist.ghost')

local M = {}

---@class codeassist.Options
---@field cmd? string[] Command that serves LSP over stdio.
---@field filetypes? string[] Only these; the server decides when left out.
---@field model? codeassist.Model
---@field completion? codeassist.Completion
---@field keymaps? codeassist.Keymaps

---@class codeassist.Model
---@field id? string Catalog id or path of a GGUF.
---@field adapter? string Path of a LoRA adapter GGUF.
---@field n_ctx? integer
---@field gpu_layers? integer
---@field threads? integer

---@class codeassist.Completion
---@field lines? 'auto'|'one'|'block'
---@field max_tokens? integer
---@field block_max_tokens? integer
---@field prefix_tokens? integer
---@field suffix_tokens? integer
---@field time_limit_ms? integer

---@class codeassist.Keymaps Insert-mode keys; what is left out is not mapped.
---@field accept? string
---@field accept_word? string
---@field accept_line? string
---@field next? string
---@field prev? string
---@field dismiss? string

---@class codeassist.Status
---@field kind 'loading'|'idle'|'error'
---@field message string For people.
---@field reason? string
---@field model? string
---@field shown integer Completions shown since the server started.
---@field accepted integer

local OPTIONS = { 'cmd', 'filetypes', 'model', 'completion', 'keymaps' }

local ACTIONS = {
  accept = 'accept the ghost text',
  accept_word = 'accept one word of the ghost text',
  accept_line = 'accept one line of the ghost text',
  next = 'show the next completion',
  prev = 'show the previous completion',
  dismiss = 'dismiss the ghost text',
}

---@type table<integer, codeassist.Status> By client id.
local statuses = {}

---@param given table<string, any>
---@param known string[]
---@param where string
local function warn_unknown(given, known, where)
  for name in vim.spairs(given) do
    if not vim.list_contains(known, name) then
      local text = 'codeassist: there is no %s %q; known are %s'
      vim.notify(text:format(where, name, table.concat(known, ', ')), vim.log.levels.WARN)
    end
  end
end

--- Lua's empty table would travel as a JSON list.
---@generic T
---@param settings? T
---@return T?
local function filled(settings)
  return settings and next(settings) and settings
end

--- The key does its own work when there is no ghost text to act on.
---@param action string
---@param key string
local function map(action, key)
  local function own_work()
    vim.api.nvim_feedkeys(vim.keycode(key), 'n', false)
  end
  vim.keymap.set('i', key, function()
    return M[action](own_work) and '' or key
  end, { expr = true, desc = 'codeassist: ' .. ACTIONS[action] })
end

--- Set what differs from the defaults, map keys and enable the server.
---@param options? codeassist.Options
function M.setup(options)
  options = options or {}
  warn_unknown(options, OPTIONS, 'option')
  local settings = { model = filled(options.model), completion = filled(options.completion) }
  vim.lsp.config('codeassist', {
    cmd = options.cmd,
    filetypes = options.filetypes,
    init_options = next(settings) and settings,
  })
  local keymaps = options.keymaps or {}
  local actions = vim.tbl_keys(ACTIONS)
  table.sort(actions)
  warn_unknown(keymaps, actions, 'keymap')
  for _, action in ipairs(actions) do
    if keymaps[action] then
      map(action, keymaps[action])
    end
  end
  vim.lsp.enable('codeassist')
end

--- Accept the ghost text. False: there is none. The text is inserted a moment later,
--- and `refused` called instead if it turns out not to fit what was typed.
---@param refused? fun()
---@return boolean
function M.accept(refused)
  return ghost.accept('all', refused)
end

---@param refused? fun()
---@return boolean
function M.accept_word(refused)
  return ghost.accept('word', refused)
end

---@param refused? fun()
---@return boolean
function M.accept_line(refused)
  return ghost.accept('line', refused)
end

---@return boolean
function M.next()
  return ghost.select(1)
end

---@return boolean
function M.prev()
  return ghost.select(-1)
end

---@return boolean
function M.dismiss()
  return vim.lsp.inline_completion.get({
    on_accept = function() end, -- nothing is inserted; Neovim has hidden it by now
  })
end

--- What the server of the buffer last said of itself; nil: it has not spoken.
---@param bufnr? integer
---@return codeassist.Status?
function M.status(bufnr)
  local client = vim.lsp.get_clients({ name = 'codeassist', bufnr = bufnr or 0 })[1]
  return client and statuses[client.id]
end

---@private
---@param status codeassist.Status
---@param client_id integer
function M.on_status(status, client_id)
  for field, value in pairs(status) do
    if value == vim.NIL then -- JSON's null, which Lua takes for true
      status[field] = nil
    end
  end
  statuses[client_id] = status
  vim.api.nvim_exec_autocmds('User', { pattern = 'CodeassistStatus', data = status })
end

return M
