--- The public face: settings, keys, switches, and what the server is doing.

local ghost = require('codeassist.ghost')
local keys = require('codeassist.keys')
local say = require('codeassist.say')
local scope = require('codeassist.scope')
local server = require('codeassist.server')
local settings = require('codeassist.settings')
local state = require('codeassist.state')

local M = {}

---@class codeassist.Options
---@field cmd? string[] Command that serves LSP over stdio.
---@field filetypes? string[] Only these; the server decides when left out.
---@field disabled_filetypes? string[] Asked only by hand.
---@field enabled? boolean False: ask only by hand until switched on.
---@field model? codeassist.Model
---@field completion? codeassist.Completion
---@field records? codeassist.Records
---@field keymaps? codeassist.Keymaps

---@class codeassist.Model
---@field id? string Catalog id or path of a GGUF.
---@field adapter? string Path of a LoRA adapter GGUF.
---@field family? string FIM family.
---@field n_ctx? integer
---@field gpu_layers? integer
---@field threads? integer

---@class codeassist.Completion
---@field as_items? boolean
---@field latency_ms? integer
---@field lines? 'auto'|'one'|'block'
---@field confidence? number
---@field context_tokens? integer
---@field max_tokens? integer
---@field block_max_tokens? integer
---@field prefix_tokens? integer
---@field suffix_tokens? integer
---@field placement? 'cursor'|'line'
---@field time_limit_ms? integer

---@class codeassist.Records
---@field enabled? boolean

---@class codeassist.Keymaps Insert-mode keys; what is left out is not mapped.
---@field accept? string
---@field accept_word? string
---@field accept_line? string
---@field next? string
---@field prev? string
---@field dismiss? string

local OPTIONS = {
  'cmd',
  'filetypes',
  'disabled_filetypes',
  'enabled',
  'model',
  'completion',
  'records',
  'keymaps',
}

--- What was wrong with the options, for `:checkhealth`.
---@type string[]
M.faults = {}

---@param given table<string, any>
---@param known string[]
---@param where string
local function warn_unknown(given, known, where)
  local unknown = vim.iter(vim.tbl_keys(given)):filter(function(name)
    return not vim.list_contains(known, name)
  end)
  local names = unknown:map(tostring):totable() -- a list has numbers for names
  table.sort(names)
  for _, name in ipairs(names) do
    local fault = 'there is no %s %q; known are %s'
    table.insert(M.faults, fault:format(where, name, table.concat(known, ', ')))
  end
end

---@param value any
---@return boolean
local function is_word(value)
  return type(value) == 'string' and value ~= ''
end

--- The entries of an option that suit it; the others are left out and complained of.
---@param given table<any, any>
---@param suits fun(name: any, value: any): string? What is wrong with one.
---@return table<any, any>
local function sifted(given, suits)
  local kept = {}
  for name, value in pairs(given) do
    local fault = suits(name, value)
    if fault then
      table.insert(M.faults, fault)
    else
      kept[name] = value
    end
  end
  return kept
end

--- A key can do one thing: of two actions the first has it.
---@param keymaps table<string, string|false> Changed in place.
local function undouble(keymaps)
  local taken = {}
  for action in vim.spairs(keys.ACTIONS) do
    local key = keymaps[action]
    local raw = key and vim.keycode(key)
    if raw and taken[raw] then
      local fault = 'keymaps.%s has the key of keymaps.%s, %s'
      table.insert(M.faults, fault:format(action, taken[raw], key))
      keymaps[action] = nil
    elseif raw then
      taken[raw] = action
    end
  end
end

--- What is right in those options that are tables.
---@param options table<string, any> Changed in place.
local function sift(options)
  local cmd = options.cmd
  if cmd and not (vim.islist(cmd) and cmd[1] and vim.iter(cmd):all(is_word)) then
    table.insert(M.faults, 'cmd is a list of words, like { "codeassist", "lsp" }')
    options.cmd = nil
  end
  if options.keymaps then
    options.keymaps = sifted(options.keymaps, function(action, key)
      if keys.ACTIONS[action] and key ~= false and not is_word(key) then
        return ('keymaps.%s is a key or false, not %s'):format(action, vim.inspect(key))
      end
    end)
    undouble(options.keymaps)
  end
  for _, section in ipairs(settings.SECTIONS) do
    if options[section] then
      options[section] = sifted(options[section], function(name)
        if type(name) ~= 'string' then
          return ('%s has names, not a list'):format(section)
        end
      end)
    end
  end
end

--- The options whose type is right; the others are left out and complained of.
---@param options table<string, any>
---@return table<string, any>
local function sound(options)
  local wanted = { enabled = 'boolean' }
  local kept = {}
  for _, name in ipairs(OPTIONS) do
    local value, want = options[name], wanted[name] or 'table'
    if value == nil or type(value) == want then
      kept[name] = value
    else
      table.insert(M.faults, ('%s is a %s, not a %s'):format(name, want, type(value)))
    end
  end
  sift(kept)
  return kept
end

---@param list string[]
---@return string
local function count(list)
  return #list > 1 and (' (and %d more)'):format(#list - 1) or ''
end

--- Set what differs from the defaults, map keys and enable the server.
---@param options? codeassist.Options
function M.setup(options)
  if vim.fn.has('nvim-0.12') == 0 then
    say('Neovim 0.12 or newer is needed; :checkhealth codeassist', vim.log.levels.WARN)
    return
  end
  M.faults = {}
  if options ~= nil and type(options) ~= 'table' then
    table.insert(M.faults, ('the options are a table, not a %s'):format(type(options)))
    options = nil
  end
  warn_unknown(options or {}, OPTIONS, 'option')
  options = sound(options or {})
  local actions = vim.tbl_keys(keys.ACTIONS)
  table.sort(actions)
  warn_unknown(options.keymaps or {}, actions, 'keymap')
  if M.faults[1] then
    say(M.faults[1] .. count(M.faults), vim.log.levels.WARN)
  end

  server.words = options.cmd or server.words
  vim.lsp.config('codeassist', { filetypes = options.filetypes })
  local sections = settings.of(options)
  if sections then
    settings.change(sections)
  end
  if options.disabled_filetypes then
    scope.leave_out(options.disabled_filetypes)
  end
  if options.enabled ~= nil then
    scope.set(options.enabled, 'everywhere')
  end
  if options.keymaps then
    keys.set(options.keymaps, M)
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

--- Show the next completion; the server is asked where there is but one or none.
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

--- Turn a switch, if it is one.
---@param on boolean
---@param where? codeassist.Where
local function switch(on, where)
  where = where or 'buffer'
  if vim.list_contains(scope.WHERE, where) then
    scope.set(on, where)
  else
    local text = 'there is no switch %s; known are %s'
    say(text:format(vim.inspect(where), table.concat(scope.WHERE, ', ')), vim.log.levels.WARN)
  end
end

--- Ask for completions, or not.
---@param where? codeassist.Where This buffer when left out.
function M.enable(where)
  switch(true, where)
end

---@param where? codeassist.Where This buffer when left out.
function M.disable(where)
  switch(false, where)
end

--- The other way round than it is in this buffer.
---@param where? codeassist.Where This buffer when left out.
---@return boolean on
function M.toggle(where)
  local on = not scope.of(0)
  switch(on, where)
  return (scope.of(0))
end

--- What the server of the buffer last said of itself; nil: it has not spoken.
---@param bufnr? integer
---@return codeassist.Status?
function M.status(bufnr)
  return state.status(bufnr)
end

--- How things stand in a buffer.
---@param bufnr? integer
---@return codeassist.State
function M.state(bufnr)
  return state.of(bufnr)
end

--- A part for 'statusline', as `%{%` takes it; empty where there is no server.
---@return string
function M.statusline()
  return state.statusline()
end

return M
