--- `:Codeassist`: one sub-command a line, with completion.

local cli = require('codeassist.cli')
local folders = require('codeassist.folders')
local jobs = require('codeassist.jobs')
local say = require('codeassist.say')
local scope = require('codeassist.scope')
local server = require('codeassist.server')
local state = require('codeassist.state')

local M = {}

---@class codeassist.Subcommand
---@field run fun(words: string[])
---@field words? fun(): string[] What may follow.

local function tell_status()
  local now, status = state.of(0), state.status(0)
  local parts = { now.text }
  if now.work then
    table.insert(parts, now.work)
  end
  if status then
    table.insert(parts, status.model)
    table.insert(parts, ('%d shown, %d accepted'):format(status.shown or 0, status.accepted or 0))
  end
  say(table.concat(parts, '; '))
end

---@param how 'enable'|'disable'|'toggle'
---@return codeassist.Subcommand
local function switch(how)
  return {
    run = function(words)
      local where = words[1] or 'buffer'
      if not vim.list_contains(scope.WHERE, where) then
        say(('%s takes %s'):format(how, table.concat(scope.WHERE, ', ')), vim.log.levels.WARN)
        return
      end
      require('codeassist')[how](where)
      local on, by = scope.of(0)
      say(('%s here (%s)'):format(on and 'on' or 'off', by))
    end,
    words = function()
      return scope.WHERE
    end,
  }
end

---@param ... string
---@return codeassist.Subcommand
local function reading(...)
  local words = { ... }
  return {
    run = function(more)
      cli.show(vim.list_extend(vim.deepcopy(words), more))
    end,
  }
end

---@type string[]? Those of the catalog, once it has been read.
local ids

--- Neovim waits for these, as for all that is offered on its command line.
---@return string[]
local function model_ids()
  if not ids then
    local cmd = server.cli('models', 'list', '--json')
    local ok, models = pcall(function() -- the command may be missing, its answer no JSON
      local ran = vim.system(cmd, { text = true, timeout = 10000 }):wait()
      return vim.json.decode(ran.stdout)
    end)
    ids = ok and vim.tbl_map(function(model)
      return model.id
    end, models) or nil
  end
  return ids or {}
end

---@type table<string, codeassist.Subcommand>
local SUBCOMMANDS = {
  status = { run = tell_status },
  why = reading('why'),
  stats = reading('stats'),
  explain = { run = cli.explain },
  adapters = {
    run = function(words)
      cli.show(vim.list_extend({ 'adapters' }, words[1] and words or { 'list' }))
    end,
    words = function()
      return { 'list', 'activate', 'rollback' }
    end,
  },
  model = {
    run = function(words)
      jobs.model(words[1])
    end,
    words = model_ids,
  },
  finetune = {
    run = function(words)
      jobs.finetune(words[1])
    end,
    words = function()
      return { '10m', '20m', '1h' }
    end,
  },
  cancel = { run = jobs.cancel },
  report = { run = jobs.open_report },
  log = {
    run = function()
      if cli.may_open() then
        vim.cmd.split(vim.fn.fnameescape(folders.log()))
        vim.cmd.normal({ 'G', bang = true })
      end
    end,
  },
  health = {
    run = function()
      if cli.may_open() then
        vim.cmd.checkhealth('codeassist')
      end
    end,
  },
  toggle = switch('toggle'),
  enable = switch('enable'),
  disable = switch('disable'),
  restart = {
    run = function()
      server.restart()
      say('starting anew')
    end,
  },
}

---@return string[]
local function names()
  local all = vim.tbl_keys(SUBCOMMANDS)
  table.sort(all)
  return all
end

---@param words string[]
function M.run(words)
  local name = words[1] or 'status'
  local found = SUBCOMMANDS[name]
  if found then
    found.run(vim.list_slice(words, 2))
  else
    local text = 'there is no sub-command %s; known are %s'
    say(text:format(name, table.concat(names(), ', ')), vim.log.levels.WARN)
  end
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local name = line:match('^%s*%S+%s+(%S+)%s')
  local found = name and SUBCOMMANDS[name]
  local all = not name and names() or found and found.words and found.words() or {}
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, all)
end

return M
